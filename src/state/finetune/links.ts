import { type Family, findModel } from "#checkpoints/manifest.ts";
import { moveTheSwitch } from "#compare/presets.ts";
import { axisOf } from "#compare/values.ts";
import { printCompareHash } from "#state/compare/hash.ts";
import type { LiveRun } from "./training.ts";

const SEEDS = axisOf("seed", "1-6");

/** Address of a comparison of models, row by row, on the same seeds of one class. */
const comparison = (family: Family, models: readonly string[], className: string): string => {
  const usual = moveTheSwitch(family);
  return printCompareHash({
    ...usual,
    rows: axisOf("model", models.join(", ")),
    columns: SEEDS,
    fixed: { ...usual.fixed, className },
  });
};

/** Name of the model that a run became, as links name it; null before it is one. */
const modelOf = ({ state }: LiveRun): string | null =>
  state.status === "finished" && state.notKept === null ? state.model.id : null;

/** Name of the model that a run began with; null for random weights, and for one that is gone. */
const baseOf = (family: Family, { plan }: LiveRun): string | null =>
  plan.base.kind === "model" ? (findModel(family, plan.base.model)?.name ?? null) : null;

/** A class that the model knew before and was trained on; else the family's first. */
function knownClass(family: Family, { plan }: LiveRun): string {
  const known = plan.classes.find((target) => target.kind === "known");
  const name = known && family.classes[known.label]?.name;
  return name ?? family.classes[0]?.name ?? "";
}

/** A class that the base does not know; null when there is none. */
const newClass = ({ plan }: LiveRun): string | null =>
  plan.classes.find((target) => target.kind === "new")?.name ?? null;

/** Two runs and the model that they began with, on a class that all of them know; null before they are models. */
export function pairAddress(family: Family, run: LiveRun, against: LiveRun): string | null {
  const [model, other] = [modelOf(run), modelOf(against)];
  if (!model || !other) return null;
  const base = baseOf(family, run);
  return comparison(family, [...(base ? [base] : []), other, model], knownClass(family, run));
}

/** Two runs on the class that they learned, which the model they began with does not know; null without one. */
export function newClassAddress(family: Family, run: LiveRun, against: LiveRun): string | null {
  const [model, other, name] = [modelOf(run), modelOf(against), newClass(run)];
  return model && other && name ? comparison(family, [other, model], name) : null;
}

/** A run and the model that it began with; null before it is a model, and without a base. */
export function baseAddress(family: Family, run: LiveRun): string | null {
  const [model, base] = [modelOf(run), baseOf(family, run)];
  return model && base ? comparison(family, [base, model], knownClass(family, run)) : null;
}
