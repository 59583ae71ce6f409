import type { Tensor } from "@tensorflow/tfjs-core";
import type { AdamWOptions } from "./adamW.ts";
import type { LoadedNetwork } from "./trainable.ts";

/** All that an optimizer knows: flat vectors in the layout's order. */
export interface TrainedNumbers {
  readonly weights: Float32Array;
  /** Running means of gradients and of their squares. */
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly average: Float32Array;
}

/** What a step changes the numbers by, besides the gradient. */
export interface StepFactors extends AdamWOptions {
  /** 1 for the first step. */
  readonly n: number;
  readonly rate: number;
  /** Longest gradient; 0 leaves gradients as they are. */
  readonly clipNorm: number;
  /** Share of itself that the average keeps. */
  readonly averageDecay: number;
}

/** Where a run's numbers are, and what moves them by their gradients. */
export interface Optimizer {
  readonly place: "host" | "device";
  /** Opens a step, one at a time. */
  begin(factors: StepFactors): OptimizerStep;
  /** A copy of the numbers as they are at the call. Rejects where they are on a device that has gone away or has no memory for it. */
  numbers(): Promise<TrainedNumbers>;
  /** One of the vectors at the call; on the host the optimizer's own, which changes with the next step. Rejects as `numbers` does. */
  vector(which: "weights" | "average"): Promise<Float32Array>;
  /** Releases the optimizer's tensors. */
  dispose(): void;
}

/** A step on its way. Nothing changes before `update`. */
export interface OptimizerStep {
  /** The network by the weights as they are; the step's. */
  readonly network: LoadedNetwork;
  /** Adds the gradients of trained tensors, by name. They stay the caller's, who keeps them until this has resolved. */
  add(gradients: ReadonlyMap<string, Tensor>): Promise<void>;
  /** ‖g‖ of all that was added. */
  norm(): Promise<number>;
  /** Moves the numbers, after `norm` has resolved. */
  update(): void;
  /** Releases what the step took, whether it was made or given up. */
  end(): void;
}
