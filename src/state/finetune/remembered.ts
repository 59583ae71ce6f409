import * as v from "valibot";
import type { Choice } from "./choice.ts";
import { CRITERIA } from "./criteria.ts";
import type { Distance } from "./distance.ts";
import { TRAIN_LIMITS, type TrainSettings } from "./trainSettings.ts";

/** What the page remembers of one visit for the next: settings of the training, and what was chosen of the sets that were worked on
 *  last. Data sets and runs keep themselves. */
export interface Remembered {
  readonly settings: TrainSettings | null;
  /** By id of the set, the one that was worked on last at the end. */
  readonly choices: ReadonlyMap<string, Choice>;
  /** By run, the newest at the end: minutes of drawing. */
  readonly distances: ReadonlyMap<string, Distance>;
}

export const REMEMBERED_KEY = "steadyflow.finetune";

export const NOTHING_REMEMBERED: Remembered = {
  settings: null,
  choices: new Map(),
  distances: new Map(),
};

/** Sets whose choice is remembered. */
const SETS = 12;
/** Runs whose distance is. */
const RUNS = 60;

const id = v.pipe(v.string(), v.maxLength(64));
const within = ({ min, max }: { readonly min: number; readonly max: number }) =>
  v.pipe(v.number(), v.minValue(min), v.maxValue(max));
const whole = (limits: { readonly min: number; readonly max: number }) => v.pipe(within(limits), v.integer());

const choice = v.object({
  criterion: v.picklist(["all", ...CRITERIA]),
  ratio: within({ min: 0, max: 1 }),
  seed: whole({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  features: v.picklist(["model", "embedding"]),
  overrides: v.array(v.tuple([whole({ min: 0, max: 1e6 }), v.picklist(["keep", "drop"])])),
});

const settings = v.object({
  name: v.pipe(v.string(), v.maxLength(80)),
  target: v.picklist(["light", "heavy"]),
  base: v.pipe(v.string(), v.maxLength(80)),
  scratch: v.boolean(),
  mode: v.picklist(["full", "lora"]),
  rank: whole(TRAIN_LIMITS.rank),
  objective: v.picklist(["fm", "c2f", "distil"]),
  teacher: v.pipe(v.string(), v.maxLength(80)),
  tau: within(TRAIN_LIMITS.tau),
  steps: whole(TRAIN_LIMITS.steps),
  batch: whole(TRAIN_LIMITS.batch),
  learningRate: v.nullable(within(TRAIN_LIMITS.learningRate)),
  seed: whole(TRAIN_LIMITS.seed),
  heldOut: whole(TRAIN_LIMITS.heldOut),
  every: whole(TRAIN_LIMITS.every),
  pictures: whole(TRAIN_LIMITS.pictures),
});

const count = whole({ min: 0, max: 1e6 });
const distance = v.object({
  drawn: count,
  heldOut: count,
  features: count,
  kernel: v.pipe(v.number(), v.finite()),
  frechet: v.nullable(v.pipe(v.number(), v.finite())),
});

/** What is wrong of one is no reason to forget the other. */
const schema = v.object({
  settings: v.fallback(v.nullable(settings), null),
  choices: v.fallback(v.array(v.tuple([id, choice])), []),
  distances: v.fallback(v.array(v.tuple([id, distance])), []),
});

/** Total: what is no record of settings, or of choices, is nothing remembered. */
export function parseRemembered(text: string | null): Remembered {
  if (text === null) return NOTHING_REMEMBERED;
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    if (!parsed.success) return NOTHING_REMEMBERED;
    const choices = parsed.output.choices.map(
      ([id, { overrides, ...rest }]) => [id, { ...rest, overrides: new Map(overrides) }] as const,
    );
    const { settings: kept, distances } = parsed.output;
    return { settings: kept, choices: new Map(choices), distances: new Map(distances) };
  } catch {
    return NOTHING_REMEMBERED;
  }
}

export const printRemembered = ({ settings: kept, choices, distances }: Remembered): string =>
  JSON.stringify({
    settings: kept,
    choices: [...choices].map(([id, { overrides, ...rest }]) => [id, { ...rest, overrides: [...overrides] }]),
    distances: [...distances],
  });

/** The same with another choice for one set; those of the sets that were worked on longest ago are forgotten. */
export function withChoice(remembered: Remembered, id: string, chosen: Choice): Remembered {
  const others = [...remembered.choices].filter(([other]) => other !== id);
  return { ...remembered, choices: new Map([...others, [id, chosen] as const].slice(-SETS)) };
}

export const withDistances = (remembered: Remembered, known: ReadonlyMap<string, Distance>): Remembered => ({
  ...remembered,
  distances: new Map([...known].slice(-RUNS)),
});
