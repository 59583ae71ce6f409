import * as v from "valibot";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** A DiT's config as case files carry it. What no network can have, the model itself refuses by name. */
export const ditConfig = v.object({
  input_size: count,
  patch_size: count,
  in_channels: count,
  hidden_size: count,
  depth: count,
  num_heads: count,
  mlp_ratio: v.number(),
  num_classes: count,
  class_dropout_prob: v.number(),
  learn_sigma: v.boolean(),
});

/** An autoencoder's config as case files carry it. */
export const autoencoderConfig = v.object({
  kind: v.picklist(["kl", "vq"]),
  image_channels: count,
  latent_channels: count,
  hidden_channels: count,
  channel_multipliers: v.array(count),
  num_residual_blocks: v.pipe(v.number(), v.integer(), v.minValue(0)),
  use_attention: v.boolean(),
  residual_scale: v.number(),
  groups: count,
  codebook_size: v.optional(count),
});

/** A U-Net's config as case files carry it. */
export const unetConfig = v.object({
  input_size: count,
  in_channels: count,
  num_classes: count,
  base_channels: count,
  channel_mult: v.array(count),
  num_res_blocks: count,
  attn_levels: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  groups: count,
});

/** A switch time. */
export const switchTime = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** Indices of the steps whose data estimate a case holds; absent: all of them. */
export const stepIndices = v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))));

/** Names of the integration rules. */
export const ruleName = v.picklist(["euler", "midpoint", "heun", "rk4", "rk4_38", "ab2"]);
