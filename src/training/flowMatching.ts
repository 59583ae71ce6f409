import { type Tensor4D, tensor1d, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { latentsAt } from "#flow/latentSet.ts";
import { pointOnPath, targetVelocity } from "#flow/path.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { StepDraw } from "./draws.ts";
import type { Objective } from "./objective.ts";
import type { TrainingSet } from "./trainingSet.ts";

/** Points of data paths, as plain flow matching trains on them. */
export type PathBatch = {
  readonly x: Tensor4D;
  readonly target: Tensor4D;
  readonly times: number[];
  readonly labels: number[];
};

/** xt = t·x1 + (1 − t)·x0 and x1 − x0 of slots from … to−1, t = t0 + (t1 − t0)·u, x1 the kept sample at each slot's place,
 *  labels dropped to the null label at the config's rate. The caller disposes x and target. */
export function pathBatch(
  config: DiTConfig,
  { latents, kept }: TrainingSet,
  draw: StepDraw,
  [from, to]: readonly [from: number, to: number],
  [t0, t1]: readonly [t0: number, t1: number] = [0, 1],
): PathBatch {
  const indices = Array.from(draw.places.subarray(from, to), (place) => kept[place]);
  const times = Array.from(draw.times.subarray(from, to), (u) => t0 + (t1 - t0) * u);
  const labels = indices.map((index, row) =>
    droppedLabel(config, latents.labels[index], draw.dropouts[from + row]),
  );
  const { channels, height, width } = latents.shape;
  return tidy(() => {
    const x1 = latentsAt(latents, indices);
    const x0 = tensor4d(draw.noise(from, to), [to - from, height, width, channels]);
    return { x: pointOnPath(x0, x1, tensor1d(times)), target: targetVelocity(x0, x1), times, labels };
  });
}

/** The label, or the null label for u below the config's class_dropout_prob. */
export const droppedLabel = (config: DiTConfig, label: number, u: number): number =>
  u < config.class_dropout_prob ? config.num_classes : label;

/** Plain flow matching: the mean over slots of ‖v(xt, t, y) − (x1 − x0)‖², t ~ U(0,1). Source: method §1. */
export const flowMatching = (config: DiTConfig, set: TrainingSet): Objective => ({
  begin: (draw) => ({
    batch(from, to) {
      const { x, target, times, labels } = pathBatch(config, set, draw, [from, to]);
      const weights = times.map(() => 1 / draw.places.length);
      return { x, target, times, labels, weights, parts: times.map(() => "fm") };
    },
  }),
});
