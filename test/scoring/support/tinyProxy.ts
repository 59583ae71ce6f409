import type { LatentSet } from "#flow/latentSet.ts";
import { normals } from "#flow/noise.ts";
import { uploadDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import type { ProxyNetwork } from "#scoring/proxyNetwork.ts";
import { randomWeights } from "../../models/support/randomWeights.ts";

/** A DiT of 16 tokens and 24 channels: some of its layers are cheaper by products of rows, some by their gradients. */
export const TINY: DiTConfig = {
  input_size: 8,
  patch_size: 2,
  in_channels: 3,
  hidden_size: 24,
  depth: 3,
  num_heads: 2,
  mlp_ratio: 4,
  num_classes: 3,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};

/** The tiny network with random weights on the device. */
export const tinyProxy = (seed: number, config: DiTConfig = TINY): ProxyNetwork => ({
  config,
  tensors: uploadDiT(config, randomWeights(ditSpec(config), seed)),
});

/** Random latents for it, with labels 0, 1, 2, 0, … */
export const tinyLatents = (samples: number, seed = 9, config: DiTConfig = TINY): LatentSet => ({
  shape: { channels: config.in_channels, height: config.input_size, width: config.input_size },
  values: normals(seed, 0, samples * config.in_channels * config.input_size ** 2),
  labels: Int32Array.from({ length: samples }, (_, i) => i % config.num_classes),
});
