import { ModelError, requireInteger } from "./modelError.ts";
import { POS_EMBED } from "./positionCheck.ts";
import type { WeightSpec } from "./weights.ts";

/** A DiT's config under the keys of the checkpoints. */
export interface DiTConfig {
  /** Height and width of the latents. */
  readonly input_size: number;
  readonly patch_size: number;
  readonly in_channels: number;
  readonly hidden_size: number;
  readonly depth: number;
  readonly num_heads: number;
  readonly mlp_ratio: number;
  readonly num_classes: number;
  /** Above 0 the label table has one more row, the null label num_classes. */
  readonly class_dropout_prob: number;
  /** The network also outputs a variance, which is left aside. */
  readonly learn_sigma: boolean;
}

/** Width of the sinusoid that the time embedding starts from. */
export const TIME_FEATURES = 256;

/** Sizes that follow from a config. */
export const ditSizes = (config: DiTConfig) => {
  const grid = config.input_size / config.patch_size;
  const outChannels = config.in_channels * (config.learn_sigma ? 2 : 1);
  return {
    grid,
    tokens: grid * grid,
    mlp: Math.trunc(config.hidden_size * config.mlp_ratio),
    outChannels,
    patchIn: config.patch_size ** 2 * config.in_channels,
    patchOut: config.patch_size ** 2 * outChannels,
    labelRows: config.num_classes + (config.class_dropout_prob > 0 ? 1 : 0),
  };
};

/** Throws ModelError BadConfig, PatchDoesNotDivide or HeadsDoNotDivide for a config that no network can have. */
export function checkDiTConfig(config: DiTConfig): void {
  const { hidden_size: hidden, num_heads: heads, input_size: inputSize, patch_size: patch } = config;
  const counts = {
    input_size: inputSize,
    patch_size: patch,
    in_channels: config.in_channels,
    hidden_size: hidden,
  };
  const more = { depth: config.depth, num_heads: heads, num_classes: config.num_classes };
  for (const [field, value] of Object.entries({ ...counts, ...more })) requireInteger(field, value);
  if (inputSize % patch !== 0) throw new ModelError({ kind: "PatchDoesNotDivide", inputSize, patch });
  if (hidden % heads !== 0) throw new ModelError({ kind: "HeadsDoNotDivide", hidden, heads });
  if (hidden % 4 !== 0) {
    const reason = "not a multiple of 4, which the position table needs";
    throw new ModelError({ kind: "BadConfig", field: "hidden_size", value: hidden, reason });
  }
  if (!(hidden * config.mlp_ratio >= 1 && Number.isFinite(config.mlp_ratio))) {
    const reason = "gives the MLP no width";
    throw new ModelError({ kind: "BadConfig", field: "mlp_ratio", value: config.mlp_ratio, reason });
  }
  if (!(config.class_dropout_prob >= 0 && config.class_dropout_prob <= 1)) {
    const value = config.class_dropout_prob;
    throw new ModelError({ kind: "BadConfig", field: "class_dropout_prob", value, reason: "not in [0,1]" });
  }
}

/** Names and shapes of a DiT's weights as official checkpoints store them. Throws ModelError for an impossible config. */
export function ditSpec(config: DiTConfig): WeightSpec {
  checkDiTConfig(config);
  const { hidden_size: D, patch_size: p } = config;
  const sizes = ditSizes(config);
  const spec = new Map<string, readonly number[]>();
  const layer = (name: string, out: number, ...input: number[]) => {
    spec.set(`${name}.weight`, [out, ...input]);
    spec.set(`${name}.bias`, [out]);
  };
  spec.set(POS_EMBED, [1, sizes.tokens, D]);
  layer("x_embedder.proj", D, config.in_channels, p, p);
  layer("t_embedder.mlp.0", D, TIME_FEATURES);
  layer("t_embedder.mlp.2", D, D);
  spec.set("y_embedder.embedding_table.weight", [sizes.labelRows, D]);
  for (let index = 0; index < config.depth; index++) {
    layer(`blocks.${index}.attn.qkv`, 3 * D, D);
    layer(`blocks.${index}.attn.proj`, D, D);
    layer(`blocks.${index}.mlp.fc1`, sizes.mlp, D);
    layer(`blocks.${index}.mlp.fc2`, D, sizes.mlp);
    layer(`blocks.${index}.adaLN_modulation.1`, 6 * D, D);
  }
  layer("final_layer.linear", sizes.patchOut, D);
  layer("final_layer.adaLN_modulation.1", 2 * D, D);
  return spec;
}
