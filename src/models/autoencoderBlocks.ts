import { add, mul, reshape, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { attention } from "#kernels/attention.ts";
import { conv2d, downsampleAsymmetric, upsampleConv } from "#kernels/conv2d.ts";
import { groupNorm } from "#kernels/groupNorm.ts";
import { groupNormSilu } from "#kernels/groupNormSilu.ts";
import type { AutoencoderConfig } from "./autoencoderConfig.ts";
import type { Taps } from "./taps.ts";
import { convAt, normAt, type WeightTensors } from "./tensors.ts";

export const NORM_EPS = 1e-6;

/** One entry of the flat list `blocks.N` of an encoder or a decoder. */
export interface Block {
  readonly type: "residual" | "attention" | "down" | "up";
  /** Channels. */
  readonly input: number;
  readonly output: number;
}

/** The blocks of the encoder in order: every level, then the middle. */
export function encoderBlocks(config: AutoencoderConfig): readonly Block[] {
  const blocks: Block[] = [];
  let channels = config.hidden_channels;
  config.channel_multipliers.forEach((multiplier, level, { length }) => {
    const output = config.hidden_channels * multiplier;
    for (let n = 0; n < config.num_residual_blocks; n++) {
      blocks.push({ type: "residual", input: channels, output });
      channels = output;
    }
    if (level < length - 1) blocks.push({ type: "down", input: channels, output: channels });
  });
  return [...blocks, ...middleBlocks(config, channels)];
}

/** The blocks of the decoder in order: the middle, then every level from the deepest. */
export function decoderBlocks(config: AutoencoderConfig): readonly Block[] {
  let channels = deepestChannels(config);
  const blocks: Block[] = middleBlocks(config, channels);
  config.channel_multipliers.toReversed().forEach((multiplier, level, { length }) => {
    const output = config.hidden_channels * multiplier;
    for (let n = 0; n <= config.num_residual_blocks; n++) {
      blocks.push({ type: "residual", input: channels, output });
      channels = output;
    }
    if (level < length - 1) blocks.push({ type: "up", input: channels, output: channels });
  });
  return blocks;
}

/** Channels of the deepest level. */
const deepestChannels = (config: AutoencoderConfig): number =>
  config.hidden_channels * (config.channel_multipliers.at(-1) ?? 1);

function middleBlocks(config: AutoencoderConfig, channels: number): Block[] {
  const residual: Block = { type: "residual", input: channels, output: channels };
  const mixing: Block = { type: "attention", input: channels, output: channels };
  return config.use_attention ? [residual, mixing, residual] : [residual, residual];
}

/** Adds names and shapes of `side.conv_in`, `side.blocks.N`, `side.norm_out` and `side.conv_out` to `spec`. */
export function addSideSpec(
  spec: Map<string, readonly number[]>,
  side: "encoder" | "decoder",
  blocks: readonly Block[],
  input: number,
  output: number,
): void {
  const conv = (name: string, out: number, channels: number, size: 1 | 3) => {
    spec.set(`${name}.weight`, [out, channels, size, size]);
    spec.set(`${name}.bias`, [out]);
  };
  const norm = (name: string, channels: number) => {
    spec.set(`${name}.weight`, [channels]);
    spec.set(`${name}.bias`, [channels]);
  };
  conv(`${side}.conv_in`, blocks[0].input, input, 3);
  blocks.forEach(({ type, input: channels, output: out }, index) => {
    const name = `${side}.blocks.${index}`;
    if (type === "residual") {
      norm(`${name}.norm1`, channels);
      conv(`${name}.conv1`, out, channels, 3);
      norm(`${name}.norm2`, out);
      conv(`${name}.conv2`, out, out, 3);
      if (channels !== out) conv(`${name}.conv_shortcut`, out, channels, 1);
    } else if (type === "attention") {
      norm(`${name}.norm`, channels);
      conv(`${name}.qkv_conv`, 3 * channels, channels, 1);
      conv(`${name}.proj_conv`, channels, channels, 1);
    } else conv(`${name}.conv`, out, channels, 3);
  });
  const last = blocks[blocks.length - 1].output;
  norm(`${side}.norm_out`, last);
  conv(`${side}.conv_out`, output, last, 3);
}

/** One side of the autoencoder, conv_out(silu(norm_out(blocks(conv_in(x))))); x [B,H,W,in], result [B,H',W',out]. The
 *  caller disposes the result. Source: Esser et al. 2021, arXiv 2012.09841 (taming transformers). */
export function runSide(
  config: AutoencoderConfig,
  weights: WeightTensors,
  side: "encoder" | "decoder",
  blocks: readonly Block[],
  x: Tensor4D,
  tap?: Taps,
): Tensor4D {
  return tidy(() => {
    let h = conv2d(x, ...convAt(weights, `${side}.conv_in`));
    tap?.(`${side}_after_conv_in`, h);
    blocks.forEach(({ type }, index) => {
      const before = h;
      h = BLOCKS[type](config, weights, `${side}.blocks.${index}`, before);
      before.dispose(); // a decoder's activations are large: hold one at a time
      tap?.(`${side}_after_block_${index}`, h);
    });
    const normal = groupNormSilu(h, ...normAt(weights, `${side}.norm_out`), config.groups, NORM_EPS);
    return conv2d(normal, ...convAt(weights, `${side}.conv_out`));
  });
}

type RunBlock = (config: AutoencoderConfig, weights: WeightTensors, name: string, x: Tensor4D) => Tensor4D;

/** conv2(silu(norm2(conv1(silu(norm1 x))))) + residual_scale·shortcut(x). */
const residual: RunBlock = (config, weights, name, x) =>
  tidy(() => {
    const norm = (part: string, h: Tensor4D) =>
      groupNormSilu(h, ...normAt(weights, `${name}.${part}`), config.groups, NORM_EPS);
    const h = conv2d(norm("norm1", x), ...convAt(weights, `${name}.conv1`));
    const branch = conv2d(norm("norm2", h), ...convAt(weights, `${name}.conv2`));
    const changes = branch.shape[3] !== x.shape[3];
    const shortcut = changes ? conv2d(x, ...convAt(weights, `${name}.conv_shortcut`)) : x;
    return add(branch, mul(shortcut, config.residual_scale));
  });

/** proj(attention(qkv(norm x))) + x over all pixels of an image, one head. */
const selfAttention: RunBlock = (config, weights, name, x) =>
  tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const normal = groupNorm(x, ...normAt(weights, `${name}.norm`), config.groups, NORM_EPS);
    const qkv = conv2d(normal, ...convAt(weights, `${name}.qkv_conv`));
    const rows: Tensor2D = reshape(qkv, [batch * height * width, 3 * channels]);
    const mixed: Tensor4D = reshape(attention(rows, batch, 1), [batch, height, width, channels]);
    return add(conv2d(mixed, ...convAt(weights, `${name}.proj_conv`)), x);
  });

const BLOCKS: Record<Block["type"], RunBlock> = {
  residual,
  attention: selfAttention,
  down: (_, weights, name, x) => downsampleAsymmetric(x, ...convAt(weights, `${name}.conv`)),
  up: (_, weights, name, x) => upsampleConv(x, ...convAt(weights, `${name}.conv`)),
};
