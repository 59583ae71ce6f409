import { normals } from "#flow/noise.ts";
import type { DiTConfig } from "#models/ditConfig.ts";

/** Evaluations that everybody is given, guidance 1. The first fills caches and compiles what is compiled late; the second is
 *  the one that is looked at. */
export interface Task {
  readonly times: readonly [number, number];
  readonly labels: readonly number[];
  /** States [B,H,W,C]. */
  readonly x: Float32Array;
}

export function taskOf(config: DiTConfig, batch: number): Task {
  const { input_size: side, in_channels: channels } = config;
  return {
    times: [0.3, 0.4],
    labels: Array.from({ length: batch }, (_, sample) => sample % config.num_classes),
    x: normals(1, 0, batch * side * side * channels),
  };
}

/** Somebody who evaluates a network on WebGPU. States and velocities stay on the device, as they do between the steps of a
 *  sampler. */
export interface Evaluator {
  /** Hands the commands of the evaluation at the task's second time to the device. */
  step(): Promise<void>;
  /** Resolves when the device has done them. */
  settle(): Promise<void>;
  /** Velocities [B,H,W,C] of the step before. */
  velocity(): Promise<Float32Array>;
  /** Bytes that the kernels have read and written so far; null where nobody counts them. */
  movedBytes(): number | null;
}
