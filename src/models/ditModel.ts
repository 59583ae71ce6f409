import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { VelocityModel } from "#flow/field.ts";
import type { DiTConfig } from "./ditConfig.ts";
import type { SyncTrajectory } from "./syncTrajectory.ts";
import type { Taps } from "./taps.ts";

/** A velocity model on the device. */
export interface DiT extends VelocityModel {
  readonly config: DiTConfig;
  begin(times: readonly number[], labels: readonly number[], guidance: number): SyncTrajectory;
  /** Velocity with one time and one label per sample; x and result [B,H,W,C]. The caller disposes the result. */
  forward(x: Tensor4D, times: readonly number[], labels: readonly number[], tap?: Taps): Tensor4D;
  dispose(): void;
}
