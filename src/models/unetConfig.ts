import { ModelError, requireInteger } from "./modelError.ts";
import type { WeightSpec } from "./weights.ts";

/** A UNetFM's config under the keys of the checkpoints. */
export interface UNetConfig {
  /** Height and width of the latents. */
  readonly input_size: number;
  readonly in_channels: number;
  /** 1: no label table, labels are ignored. The paper's networks have no null label; where the last row of a table is
   *  meant as one, `createUNet` is told so. */
  readonly num_classes: number;
  readonly base_channels: number;
  /** Widths of the levels as multiples of base_channels. */
  readonly channel_mult: readonly number[];
  readonly num_res_blocks: number;
  /** Levels that end in attention, 0 is the finest. */
  readonly attn_levels: readonly number[];
  readonly groups: number;
}

/** What a config leaves open and the weights tell. */
export interface UNetVariant {
  readonly timeFeatures: number;
  readonly embedding: number;
  /** Attention between the two middle blocks. */
  readonly middleAttention: boolean;
}

/** Heads of an attention block. */
export const UNET_HEADS = 4;

/** The variant of the golden networks; the paper's files have the same names, so `variantOf` reads theirs. */
export const usualVariant = (config: UNetConfig): UNetVariant => ({
  timeFeatures: 128,
  embedding: 128,
  middleAttention: config.attn_levels.length > 0,
});

/** The variant that given weights have; where they are silent, the usual one. */
export function variantOf(
  config: UNetConfig,
  weights: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): UNetVariant {
  const usual = usualVariant(config);
  const [embedding, timeFeatures] = weights.get("time_mlp.0.weight")?.shape ?? [];
  return {
    timeFeatures: timeFeatures ?? usual.timeFeatures,
    embedding: embedding ?? usual.embedding,
    middleAttention: weights.has("mid_attn.norm.weight"),
  };
}

/** Channels of every level, the finest first. */
export const levelChannels = (config: UNetConfig): readonly number[] =>
  config.channel_mult.map((multiplier) => config.base_channels * multiplier);

/** Names and shapes of a UNetFM's weights. Throws ModelError for an impossible config. */
export function unetSpec(config: UNetConfig, variant: UNetVariant = usualVariant(config)): WeightSpec {
  checkUNetConfig(config, variant);
  const channels = levelChannels(config);
  const deepest = channels.length - 1;
  const spec = new Map<string, readonly number[]>();
  const weighted = (name: string, ...shape: number[]) => {
    spec.set(`${name}.weight`, shape);
    spec.set(`${name}.bias`, [shape[0]]);
  };
  const conv = (name: string, output: number, input: number, size: number) =>
    weighted(name, output, input, size, size);
  const residual = (name: string, width: number) => {
    for (const part of [1, 2]) {
      weighted(`${name}.norm${part}`, width);
      conv(`${name}.conv${part}`, width, width, 3);
    }
    weighted(`${name}.film.proj.1`, 2 * width, variant.embedding);
  };
  const attention = (name: string, width: number) => {
    weighted(`${name}.norm`, width);
    for (const part of ["q", "k", "v"]) spec.set(`${name}.${part}.weight`, [width, width]);
    weighted(`${name}.proj`, width, width);
  };
  const level = (name: string, index: number, input: number) => {
    const width = channels[index];
    if (input !== width) conv(`${name}.proj`, width, input, 1);
    for (let n = 0; n < config.num_res_blocks; n++) residual(`${name}.res.${n}`, width);
    if (config.attn_levels.includes(index)) attention(`${name}.attn`, width);
  };

  weighted("time_mlp.0", variant.embedding, variant.timeFeatures);
  weighted("time_mlp.2", variant.embedding, variant.embedding);
  if (config.num_classes > 1) spec.set("cls_emb.weight", [config.num_classes, variant.embedding]);
  conv("in_conv", config.base_channels, config.in_channels, 3);
  channels.forEach((width, index) => {
    level(`down_blocks.${index}`, index, index === 0 ? config.base_channels : channels[index - 1]);
    if (index < deepest) conv(`downs.${index}.op`, width, width, 3);
  });
  residual("mid_block1", channels[deepest]);
  if (variant.middleAttention) attention("mid_attn", channels[deepest]);
  residual("mid_block2", channels[deepest]);
  channels.forEach((_, up) => {
    const index = deepest - up;
    const below = channels[Math.min(index + 1, deepest)];
    if (up > 0) conv(`ups.${up - 1}.op`, below, below, 3);
    if (below !== channels[index]) conv(`up_match.${up}`, channels[index], below, 1);
    level(`up_blocks.${up}`, index, 2 * channels[index]);
  });
  weighted("out_norm", channels[0]);
  conv("out_conv", config.in_channels, channels[0], 3);
  return spec;
}

function checkUNetConfig(config: UNetConfig, variant: UNetVariant): void {
  const { input_size, in_channels, num_classes, base_channels, num_res_blocks, groups } = config;
  const counts = { input_size, in_channels, num_classes, base_channels, num_res_blocks, groups };
  for (const [field, value] of Object.entries(counts)) requireInteger(field, value);
  const levels = config.channel_mult.length;
  const bad = (field: string, value: unknown, reason: string) =>
    new ModelError({ kind: "BadConfig", field, value, reason });
  if (levels === 0) throw bad("channel_mult", config.channel_mult, "no level");
  for (const multiplier of config.channel_mult) requireInteger("channel_mult", multiplier);
  if (input_size % 2 ** (levels - 1) !== 0)
    throw bad("input_size", input_size, `cannot be halved ${levels - 1} times`);
  for (const level of config.attn_levels)
    if (!(level in config.channel_mult)) throw bad("attn_levels", level, `not one of ${levels} levels`);
  const attends = (index: number) =>
    config.attn_levels.includes(index) || (variant.middleAttention && index === levels - 1);
  levelChannels(config).forEach((channels, index) => {
    if (channels % groups !== 0) throw new ModelError({ kind: "GroupsDoNotDivide", channels, groups });
    if (attends(index) && channels % UNET_HEADS !== 0)
      throw new ModelError({ kind: "HeadsDoNotDivide", hidden: channels, heads: UNET_HEADS });
  });
  if (variant.timeFeatures % 2 !== 0 || variant.timeFeatures < 4)
    throw bad("time_mlp.0", variant.timeFeatures, "not an even number of time features, 4 or more");
}
