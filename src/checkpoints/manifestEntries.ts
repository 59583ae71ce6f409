import * as v from "valibot";

/** The pieces of which a manifest is made: files, configs of every kind of network, training recipes, metrics. */

export const text = v.pipe(v.string(), v.minLength(1));
export const count = v.pipe(v.number(), v.integer(), v.minValue(1));
export const finite = v.pipe(v.number(), v.finite());
export const share = v.pipe(finite, v.minValue(0), v.maxValue(1));
const positive = v.pipe(finite, v.minValue(Number.MIN_VALUE));
const index = v.pipe(v.number(), v.integer(), v.minValue(0));
export const counts = v.pipe(v.array(count), v.minLength(1));
export const webAddress = v.pipe(v.string(), v.url(), v.startsWith("http"));

/** What a link, a file name and a command line can carry. */
export const plainName = v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, "not a plain name"));

const fileEntry = v.object({
  /** No leading slash, no "..", no scheme: a manifest can only name files beside itself. */
  file: v.pipe(
    v.string(),
    v.regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*\.safetensors$/, "not a plain relative path"),
  ),
  /** At most 2 GiB, so that a file fits one buffer in every browser. */
  bytes: v.pipe(count, v.maxValue(2 ** 31)),
  /** Lower-case hex. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "not a sha256 in hex")),
});
export const fileList = v.pipe(v.array(fileEntry), v.minLength(1));

export const ditConfig = v.object({
  input_size: count,
  patch_size: count,
  in_channels: count,
  hidden_size: count,
  depth: count,
  num_heads: count,
  mlp_ratio: positive,
  num_classes: count,
  class_dropout_prob: share,
  learn_sigma: v.boolean(),
});

export const unetConfig = v.object({
  input_size: count,
  in_channels: count,
  /** Rows of the label table: one a class and, last, one for "no label". */
  num_classes: count,
  base_channels: count,
  channel_mult: counts,
  num_res_blocks: count,
  attn_levels: v.array(index),
  groups: count,
});

export const autoencoderConfig = v.object({
  kind: v.picklist(["kl", "vq"]),
  image_channels: count,
  image_size: count,
  use_attention: v.boolean(),
  residual_scale: finite,
  groups: count,
  factor: count,
  scale_factor: positive,
  hidden_channels: count,
  channel_multipliers: counts,
  num_residual_blocks: count,
  latent_channels: count,
  /** Rows of the codebook; VQ only. */
  codebook_size: v.optional(count),
});

const trunkConfig = {
  /** Side of the pictures that the network reads, in pixels; larger ones are averaged down. */
  image_size: count,
  /** Channels of the levels, each half as wide and high as the one before. */
  widths: counts,
  residual_blocks: v.array(index),
  norm_groups: count,
};

export const embeddingConfig = v.object({ ...trunkConfig, feature_dim: count });

export const classifierConfig = v.object({
  ...trunkConfig,
  reduced: count,
  hidden: count,
  /** Classes in the order of the logits. */
  styles: v.pipe(v.array(text), v.minLength(1)),
  /** Attributes in the order of the logits; a class outside `styles` has no such attribute. */
  heads: v.array(
    v.object({
      name: text,
      styles: v.pipe(v.array(text), v.minLength(1)),
      values: v.pipe(v.array(text), v.minLength(2)),
    }),
  ),
});

/** How weights came to be. */
export const recipe = v.object({
  data: text,
  /** Optimizer steps of the run that ended in these weights; null where nobody wrote them down. */
  steps: v.nullable(count),
  /** By these weights, those included that they started from. */
  samples_seen: count,
  /** Wall time on `device`. */
  minutes: positive,
  device: text,
  /** Last training loss; null where the recipe does not name one. */
  loss: v.nullable(finite),
  /** Of the training's chance; null where nobody wrote it down. */
  seed: v.nullable(index),
  notes: v.string(),
});

/** A measured number; low and high are the ends of its 95 % interval. */
export const metrics = v.array(
  v.object({
    name: text,
    value: finite,
    low: v.optional(finite),
    high: v.optional(finite),
    unit: v.optional(text),
  }),
);

/** What every trained part says of itself. */
export const provenance = {
  parameters: count,
  recipe,
  licence: text,
  /** Model card, relative to the manifest. */
  card: text,
  metrics: v.optional(metrics),
};
