import { CRITERION_NAMES, select } from "#scoring/criteria.ts";
import type { SelectJob } from "../trainerProtocol.ts";
import type { TrainerWork } from "./context.ts";
import { recallEvidence } from "./evidenceOfData.ts";
import { refuse } from "./failure.ts";

/** What a criterion keeps. Throws EvidenceMissing, InvalidJob, ScoringError. */
export const selectWork = ({ evidence, criterion, ratio, seed }: SelectJob): TrainerWork => ({
  async run(context) {
    if (!CRITERION_NAMES.includes(criterion)) refuse("criterion", `There is no criterion ${criterion}.`);
    const kept = select(criterion, ratio, await recallEvidence(evidence, context), seed).slice().buffer;
    return { event: { type: "selected", kept }, transfer: [kept] };
  },
});
