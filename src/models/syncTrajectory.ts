import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Moved, Trajectory } from "#flow/field.ts";

/** A trajectory whose velocities come at once rather than as promises. */
export interface SyncTrajectory extends Trajectory {
  velocity(index: number, x: Tensor4D): Tensor4D;
  move?(index: number, x: Tensor4D, base: Tensor4D, factor: number): Moved;
}
