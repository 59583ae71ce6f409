import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import type { DiT } from "#models/ditModel.ts";
import type { WeightMap } from "#models/weights.ts";
import type { TrainingSet } from "#training/trainingSet.ts";
import { DEFAULT_TRAIN_OPTIONS, type TrainOptions } from "#training/trainOptions.ts";
import { randomWeights } from "../models/support/randomWeights.ts";
import { tinyLatents } from "../scoring/support/tinyProxy.ts";

/** A light model small enough to be trained in a test; its heavy one is twice as deep. */
export const LIGHT: DiTConfig = {
  input_size: 4,
  patch_size: 2,
  in_channels: 2,
  hidden_size: 16,
  depth: 1,
  num_heads: 2,
  mlp_ratio: 2,
  num_classes: 3,
  class_dropout_prob: 0.2,
  learn_sigma: false,
};

export const lightWeights = (seed = 3): WeightMap => randomWeights(ditSpec(LIGHT), seed);

export const heavyModel = (): DiT => {
  const config = { ...LIGHT, depth: 2 };
  return createDiT(config, randomWeights(ditSpec(config), 8));
};

/** Eleven samples, of which nine are kept and one of them twice. */
export const SET: TrainingSet = {
  latents: tinyLatents(11, 9, LIGHT),
  kept: Uint32Array.of(0, 1, 3, 4, 5, 5, 7, 8, 9, 10),
};

export const OPTIONS: TrainOptions = {
  ...DEFAULT_TRAIN_OPTIONS,
  seed: 5,
  batch: 6,
  microBatch: 4,
  learningRate: 1e-2,
  warmupSteps: 2,
};
