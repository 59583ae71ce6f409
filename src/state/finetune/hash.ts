import { STEPS, type Step } from "./finetune.ts";

/** What an address says of the Fine-tune page. */
export interface FinetuneAddress {
  readonly step: Step;
  /** Id of a data set of this browser; null: none. */
  readonly set: string | null;
}

const PAGE = "#/finetune";
const ID = /^[\w-]{1,64}$/;

/** Total: what an address does not say, or says wrongly, is the first step and no set. */
export function parseFinetuneHash(hash: string): FinetuneAddress {
  const from = hash.indexOf("?");
  const given = new URLSearchParams(from < 0 ? "" : hash.slice(from + 1, from + 501));
  const set = given.get("set");
  return {
    step: STEPS.find((step) => step === given.get("step")) ?? "pictures",
    set: set !== null && ID.test(set) ? set : null,
  };
}

export const printFinetuneHash = ({ step, set }: FinetuneAddress): string =>
  `${PAGE}?step=${step}${set === null ? "" : `&set=${set}`}`;
