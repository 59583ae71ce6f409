import type { VelocityBatch } from "#models/velocityLoss.ts";
import type { StepDraw } from "./draws.ts";

/** A batch with the name of the loss that each of its rows belongs to. */
export interface ObjectiveBatch extends VelocityBatch {
  /** Name for each row, for reports: a loss of several parts shows each by itself. */
  readonly parts: readonly string[];
}

/** What a run minimises: a weighted sum over a step's slots of squared differences between the network's velocity and a
 *  wanted one. */
export interface Objective {
  /** What must be stored besides the weights so that a resumed run goes on bit for bit; plain arrays, replaced rather than
   *  changed. Absent where every step depends on the seed and its number alone. */
  readonly state?: ObjectiveState | undefined;
  /** Takes back a stored state. Throws TrainingError StateDoesNotFit. */
  restore?(state: ObjectiveState): void;
  begin(draw: StepDraw): ObjectiveStep;
}

export type ObjectiveState = Readonly<Record<string, Float32Array | Int32Array>>;

/** One step of a run. Slots 0 … batch−1 are asked for once each, a few at a time. */
export interface ObjectiveStep {
  /** The rows of slots from … to−1, whose weights sum up to 1 over all slots (and parts of weight 1). The caller disposes
   *  x and target. */
  batch(from: number, to: number): ObjectiveBatch;
  /** Is told of the velocities at the rows of that batch [rows,H,W,C], where it needs them. */
  observe?(from: number, velocity: Float32Array): void;
  /** The step has been made: the state moves on. */
  finish?(): void;
}
