import type { Family } from "#checkpoints/manifest.ts";
import type { ClassTarget, RunPlan } from "#runs/run.ts";
import { indicesOf, keptMask } from "./choice.ts";
import { namesAreGood, targetsFor } from "./classTargets.ts";
import type { Finetune, OpenSet } from "./finetune.ts";
import { heldOutOf } from "./heldOut.ts";
import { knownClasses, planOf, withModelsOf } from "./plan.ts";

/** Which pictures the choice keeps, the reader's own word included; null while nothing is chosen or the criterion cannot answer. */
export function keptNow({ set, choice, selection }: Finetune): Uint8Array | null {
  if (!set || !selection || selection.criterion !== choice.criterion) return null;
  return keptMask(selection.kept, choice.overrides, set.record.count);
}

/** How the kept pictures were chosen, in a few words that are kept with the run. */
export function howChosen({ choice, selection }: Finetune): string {
  const changed = choice.overrides.size;
  const byHand = changed === 0 ? "" : `, ${changed} changed by hand`;
  if (!selection || selection.criterion === "all") return `all pictures${byHand}`;
  return `${selection.criterion}, ratio ${selection.ratio}, seed ${selection.seed}${byHand}`;
}

/** Pictures that are held out where `wanted` of them are: no more than a third of the set. */
export const heldOutFor = ({ record, pixelHashes }: OpenSet, wanted: number): Uint32Array =>
  heldOutOf(pixelHashes, Math.min(wanted, Math.floor(record.count / 3)));

/** What the network is to call the classes of the set; null without a set, or where a name cannot be. */
export function targetsNow(
  { set, settings, targets }: Pick<Finetune, "set" | "settings" | "targets">,
  family: Family,
): readonly ClassTarget[] | null {
  if (!set) return null;
  const known = knownClasses(family, withModelsOf(family, settings));
  const called = targetsFor(targets, set.record.classes, known);
  return namesAreGood(called, known) ? called : null;
}

/** The run that the page's settings ask for; null while there is nothing to train on, or a class has a name that cannot be. everything: on all pictures, whatever is
 *  chosen. */
export function currentPlan(state: Finetune, family: Family, everything = false): RunPlan | null {
  const { set, settings } = state;
  const mask = keptNow(state);
  if (!set || (!mask && !everything)) return null;
  const { record, pixelHashes } = set;
  const called = targetsNow(state, family);
  if (!called) return null;
  const kept = everything || !mask ? Uint32Array.from(pixelHashes.keys()) : indicesOf(mask);
  return planOf(settings, {
    family,
    dataset: record,
    targets: called,
    kept,
    heldOut: heldOutFor(set, settings.heldOut),
    how: everything ? "all pictures" : howChosen(state),
  });
}
