import type { BackendReport } from "#workers/trainerProtocol.ts";

/** What of a run the reader decides; `plan.ts` makes a plan of it. */
export interface TrainSettings {
  /** Of the run and its model; empty: as proposed. */
  readonly name: string;
  readonly target: "light" | "heavy";
  /** Model that training starts from, by name or role; null: random weights of that model's size. */
  readonly base: string;
  readonly scratch: boolean;
  readonly mode: "full" | "lora";
  readonly rank: number;
  readonly objective: "fm" | "c2f" | "distil";
  /** Heavy model that c2f and distil learn from, by name or role. */
  readonly teacher: string;
  /** Switch time that c2f and distil train for. */
  readonly tau: number;
  readonly steps: number;
  readonly batch: number;
  /** null: the usual one of the mode. */
  readonly learningRate: number | null;
  readonly seed: number;
  /** Pictures that are only measured on. */
  readonly heldOut: number;
  /** Steps between two looks. */
  readonly every: number;
  /** Pictures of a look. */
  readonly pictures: number;
}

/** How fast a device is, as far as it decides what is offered first. */
export type Pace = "slow" | "fast";

export const paceOf = (backend: Pick<BackendReport, "name" | "software"> | null): Pace =>
  backend?.name === "webgpu" && !backend.software ? "fast" : "slow";

/** What is proposed: on a slow device a short run of the light model, whose step takes a fraction of the heavy one's. */
export function usualSettings(pace: Pace): TrainSettings {
  return {
    name: "",
    target: "light",
    base: "light",
    scratch: false,
    mode: "full",
    rank: 8,
    objective: "fm",
    teacher: "heavy",
    tau: 0.7,
    steps: pace === "slow" ? 300 : 1000,
    batch: 16,
    learningRate: null,
    seed: 0,
    heldOut: 24,
    every: pace === "slow" ? 50 : 100,
    pictures: 6,
  };
}

export const TRAIN_SETTING_NAMES = Object.keys(usualSettings("slow")) as readonly (keyof TrainSettings)[];

/** The paper's rate for all weights of a heavy model. A light one takes more in a run this short: 450 steps on 352 drawn pictures
 *  end at a held-out loss of 0.430 with 4e-4 and of 0.473 with 1e-4. Low-rank matrices begin at zero and take more as well. */
export const usualRate = ({ mode, target }: Pick<TrainSettings, "mode" | "target">): number =>
  mode === "lora" ? 5e-4 : target === "light" ? 4e-4 : 1e-4;

export const learningRateOf = (settings: TrainSettings): number =>
  settings.learningRate ?? usualRate(settings);

/** A change of one setting with what follows from it: only a light model learns from a heavy one, a model of the other place is
 *  another base, and on a slow device the heavy model is offered with low-rank matrices. */
export function withTrainSettings(
  settings: TrainSettings,
  change: Partial<TrainSettings>,
  pace: Pace,
): TrainSettings {
  const next = { ...settings, ...change };
  if (change.target === undefined || change.target === settings.target) return next;
  const heavy = change.target === "heavy";
  return {
    ...next,
    base: change.base ?? change.target,
    mode: change.mode ?? (heavy && pace === "slow" ? "lora" : "full"),
    objective: heavy ? "fm" : next.objective,
  };
}

/** What fields take. */
export const TRAIN_LIMITS = {
  steps: { min: 1, max: 100_000 },
  batch: { min: 1, max: 256 },
  rank: { min: 1, max: 64 },
  tau: { min: 0.05, max: 0.99 },
  learningRate: { min: 1e-7, max: 1e-2 },
  heldOut: { min: 0, max: 512 },
  every: { min: 1, max: 10_000 },
  pictures: { min: 2, max: 16 },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER },
} as const;
