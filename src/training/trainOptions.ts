import type { AdamWOptions } from "./adamW.ts";
import { TrainingError } from "./trainingError.ts";

/** How fast and by what chance a run trains. All of it, with the data, decides every bit of the weights. */
export interface TrainOptions extends AdamWOptions {
  readonly seed: number;
  /** Samples of a step. */
  readonly batch: number;
  /** Samples whose activations are held at once; gradients of a batch are added up. */
  readonly microBatch: number;
  readonly learningRate: number;
  /** Steps over which the rate rises from 0. */
  readonly warmupSteps: number;
  readonly emaDecay: number;
  /** Longest gradient of a step; 0 leaves gradients as they are. */
  readonly clipNorm: number;
}

/** The paper's (method §1), with a batch for one machine and a warm-up for short runs. */
export const DEFAULT_TRAIN_OPTIONS: TrainOptions = {
  seed: 0,
  batch: 16,
  microBatch: 16,
  learningRate: 1e-4,
  warmupSteps: 20,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0,
  emaDecay: 0.9999,
  clipNorm: 0,
};

/** Rate of step 0, 1, …: it rises over the warm-up and stays level, so that a run can always be made longer. */
export const learningRateAt = ({ learningRate, warmupSteps }: TrainOptions, step: number): number =>
  learningRate * Math.min(1, (step + 1) / Math.max(1, warmupSteps));

/** Throws TrainingError BadOption for options that no run can have. */
export function checkTrainOptions(options: TrainOptions): void {
  const refuse = (option: keyof TrainOptions, reason: string) => {
    throw new TrainingError({ kind: "BadOption", option, value: options[option], reason });
  };
  for (const option of ["batch", "microBatch"] as const)
    if (!(Number.isSafeInteger(options[option]) && options[option] >= 1))
      refuse(option, "1 or more, a whole number");
  for (const option of ["warmupSteps", "learningRate", "eps", "weightDecay", "clipNorm"] as const)
    if (!(options[option] >= 0 && options[option] < Number.POSITIVE_INFINITY)) refuse(option, "0 or more");
  for (const option of ["beta1", "beta2", "emaDecay"] as const)
    if (!(options[option] >= 0 && options[option] < 1)) refuse(option, "from 0 up to 1");
}
