import { MIXED } from "#checkpoints/classes.ts";
import { choiceOf, HEAVY_FIRST, hasSwitch, type ModelText, tauFor } from "#checkpoints/modelText.ts";
import { isSolverName, type SolverName } from "#flow/solvers/names.ts";

/** What the stage shows of each seed: one picture, or the three models side by side. */
export type StageView = "one" | "three";

/** Everything the Generate page lets you choose; together with the weights it fixes every pixel. */
export interface GenerateSettings {
  readonly family: string;
  /** First seed; image k takes seed + k. Integer 0 … 2⁵³−1. */
  readonly seed: number;
  readonly count: number;
  /** A class of the family by name, or MIXED. */
  readonly className: string;
  /** `light`, `c2f`, `heavy`, `c2f:heavy:light`, or a further model of the family as checkpoints/modelChoice.ts reads it. */
  readonly model: ModelText;
  /** Switch time in [0,1]. */
  readonly tau: number;
  /** Points N of the time grid: N−1 solver steps. */
  readonly steps: number;
  readonly solver: SolverName;
  readonly guidance: number;
  readonly view: StageView;
}

export const LIMITS = {
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER },
  count: { min: 1, max: 64 },
  tau: { min: 0, max: 1 },
  steps: { min: 2, max: 1000 },
  guidance: { min: 0, max: 20 },
} as const;

export { choiceOf, HEAVY_FIRST, hasSwitch, isSolverName, MIXED };

/** Before the manifest has arrived; its family then brings its own defaults. */
export const DEFAULT_SETTINGS: GenerateSettings = {
  family: "avatars-64",
  seed: 1,
  count: 1,
  className: "micah",
  model: "c2f",
  tau: 0.7,
  steps: 60,
  solver: "euler",
  guidance: 1.5,
  view: "one",
};

/** The seeds of a batch: seed, seed+1, … The last ones fall away where they would pass 2⁵³−1. */
export function seedsOf(settings: Pick<GenerateSettings, "seed" | "count">): readonly number[] {
  const room = Math.min(settings.count, LIMITS.seed.max - settings.seed + 1);
  return Array.from({ length: room }, (_, k) => settings.seed + k);
}

/** How many of `count` seeds fall away because they would pass the last one. */
export const seedsBeyond = (settings: Pick<GenerateSettings, "seed" | "count">): number =>
  settings.count - seedsOf(settings).length;

/** The family's two models in turns, in the order that `model` has. */
export const inTurns = (model: ModelText): ModelText =>
  choiceOf(model) === "heavyFirst" ? HEAVY_FIRST : "c2f";

/** What is drawn of each seed. Three are the light model, both in turns, and the heavy model. */
export const modelsShown = ({
  model,
  view,
}: Pick<GenerateSettings, "model" | "view">): readonly ModelText[] =>
  view === "three" ? ["light", inTurns(model), "heavy"] : [model];

/** The change to another model, with the switch time that goes with it. */
export const withModel = (
  sofar: Pick<GenerateSettings, "model" | "tau">,
  next: ModelText,
): Pick<GenerateSettings, "model" | "tau"> => ({ model: next, tau: tauFor(next, sofar) });

/** The seed that follows this batch without repeating one; wraps to 0 at the end of the range. */
export function nextSeed(settings: Pick<GenerateSettings, "seed" | "count">): number {
  const next = settings.seed + settings.count;
  return next > LIMITS.seed.max ? 0 : next;
}
