import type { LatentSet } from "#flow/latentSet.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import { TrainingError } from "./trainingError.ts";

/** Samples of a set that are trained on. */
export interface TrainingSet {
  readonly latents: LatentSet;
  /** Indices of what is kept, in any order; one that is there twice is seen twice as often. */
  readonly kept: Uint32Array;
}

/** Throws TrainingError NoSamples, LatentsDoNotFit, LabelOutOfRange for a set that the network cannot learn. */
export function checkTrainingSet({ latents, kept }: TrainingSet, config: DiTConfig): void {
  if (kept.length === 0) throw new TrainingError({ kind: "NoSamples" });
  const { height, width, channels } = latents.shape;
  const expected = [config.input_size, config.input_size, config.in_channels];
  const actual = [height, width, channels];
  if (actual.join() !== expected.join())
    throw new TrainingError({ kind: "LatentsDoNotFit", actual, expected });
  const bad = kept.find((index) => !isClass(latents.labels[index], config));
  if (bad !== undefined) {
    const label = latents.labels[bad] ?? Number.NaN;
    throw new TrainingError({ kind: "LabelOutOfRange", label, classes: config.num_classes });
  }
}

const isClass = (label: number | undefined, { num_classes }: DiTConfig): boolean =>
  label !== undefined && label >= 0 && label < num_classes;
