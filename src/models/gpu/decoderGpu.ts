import { GpuArena } from "#gpu/arena.ts";
import { attention, MOST_CHANNELS, MOST_TOKENS } from "#gpu/attention.ts";
import { CONVOLUTION, convolution, type InputNorm, type PictureSize } from "#gpu/convolution.ts";
import { groupStatistics } from "#gpu/groupNormSilu.ts";
import { bytesOf, type KernelCall, MOST_GROUPS, vectors } from "#gpu/kernel.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { decoderBlocks, NORM_EPS } from "../autoencoderBlocks.ts";
import type { AutoencoderConfig } from "../autoencoderConfig.ts";
import type { WeightMap } from "../weights.ts";
import { type ReadyCall, ready, recordCalls } from "./commands.ts";
import {
  type DecoderGpuWeights,
  type NormedFilter,
  type PlacedBlock,
  placeDecoder,
} from "./decoderGpuWeights.ts";

/** What the activations of images that are decoded at once may take. */
const ACTIVATION_BYTES = 256 * 2 ** 20;

/** Told of pictures [B,H,W,C] on the way, under the names of the golden vectors; what it copies is copied at that point. */
export type PictureTap = (name: string, picture: GPUBuffer, shape: readonly number[]) => void;

/** Whether the kernels can run a decoder on small latents: channels in whole vectors, and in attention not too many. */
export function gpuDecodes(config: AutoencoderConfig): boolean {
  const widths = decoderBlocks(config).map(({ output }) => output);
  return widths.every((width) => width % 4 === 0) && !(config.use_attention && widths[0] > MOST_CHANNELS);
}

/** Commands after which there is something to tell. */
interface Stage {
  readonly name: string;
  readonly commands: readonly ReadyCall[];
  readonly picture: GPUBuffer;
  readonly shape: readonly number[];
}

/** Memory and commands for latents side by side. */
interface Plan {
  readonly size: PictureSize;
  readonly arena: GpuArena;
  /** Where latents come from and pictures go to. */
  readonly latents: GPUBuffer;
  readonly pictures: GPUBuffer;
  readonly stages: readonly Stage[];
  readonly last: readonly ReadyCall[];
}

/** The half of an autoencoder that draws, on our own WebGPU kernels; the same formula as `runSide`. A residual block is 4
 *  dispatches, 5 where it changes the number of channels, attention 4, what doubles the picture 1; 4 more. */
export class DecoderGpu {
  private readonly arena: GpuArena;
  private readonly weights: DecoderGpuWeights;
  /** For the size that came last: pictures of a job are alike. */
  private plan: Plan | null = null;

  /** Takes weights whose names and shapes have been checked, for a config of which `gpuDecodes`. */
  constructor(
    readonly config: AutoencoderConfig,
    weights: WeightMap,
    private readonly machine: GpuMachine,
  ) {
    this.arena = new GpuArena(machine.device);
    this.weights = placeDecoder(this.arena, config, weights, machine.runs(CONVOLUTION));
  }

  /** Lets its memory go. */
  dispose(): void {
    this.arena.destroy();
    this.plan?.arena.destroy();
    this.plan = null;
  }

  /** How many of `count` latents of this size can be decoded at once; 0 where not even one can. */
  imagesAtOnce(count: number, height: number, width: number): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.machine.device.limits;
    const one = bytesOf(this.largest(height, width));
    const room = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / one);
    if (room === 0 || (this.config.use_attention && height * width > MOST_TOKENS)) return 0;
    const fitting = Math.min(room, Math.max(1, Math.floor(ACTIVATION_BYTES / (3 * one))), MOST_GROUPS);
    return Math.ceil(count / Math.ceil(count / fitting)); // in parts that are as even as can be
  }

  /** Numbers of a latent and of its picture. */
  sizes(height: number, width: number): { readonly latent: number; readonly picture: number } {
    const { latent_channels, image_channels, channel_multipliers } = this.config;
    const pixels = height * width;
    const latent = pixels * 4 * vectors(latent_channels);
    return { latent, picture: pixels * 4 ** (channel_multipliers.length - 1) * image_channels };
  }

  /** Records the decoding of as many latents as `size` says, channels padded to whole vectors, whose own height and width it
   *  has: `read` copies them into the buffer that it is given, `write` the pictures out of theirs. */
  record(
    size: PictureSize,
    read: (latents: GPUBuffer) => void,
    write: (pictures: GPUBuffer) => void,
    tap?: PictureTap,
  ): void {
    const { machine } = this;
    const { latents, pictures, stages, last } = this.planFor(size);
    read(latents);
    if (tap) {
      for (const { commands, name, picture, shape } of stages) {
        recordCalls(machine, commands);
        tap(name, picture, shape);
      }
      recordCalls(machine, last);
    } else recordCalls(machine, [...stages.flatMap(({ commands }) => commands), ...last]);
    write(pictures);
  }

  /** Numbers of the largest picture on the way from a latent. */
  private largest(height: number, width: number): number {
    const { latent, picture } = this.sizes(height, width);
    let pixels = height * width;
    const pictures = decoderBlocks(this.config).map(({ type, output }) => {
      if (type === "up") pixels *= 4;
      return pixels * output * (type === "attention" ? 3 : 1);
    });
    return Math.max(latent, picture, ...pictures);
  }

  private planFor(size: PictureSize): Plan {
    const { plan } = this;
    const same = (["images", "height", "width"] as const).every((side) => plan?.size[side] === size[side]);
    if (plan !== null && same) return plan;
    plan?.arena.destroy();
    this.plan = this.makePlan(size);
    return this.plan;
  }

  private makePlan(size: PictureSize): Plan {
    const { machine, weights, config } = this;
    const { images, height, width } = size;
    const arena = new GpuArena(machine.device);
    const { latent, picture } = this.sizes(height, width);
    const [latents, pictures] = [arena.reserve(images * latent), arena.reserve(images * picture)];
    const largest = images * this.largest(height, width);
    const [here, spare, other] = [0, 1, 2].map(() => arena.reserve(largest));
    const canvas: Canvas = {
      size,
      here,
      spare,
      other,
      statistics: arena.reserve(2 * images * config.groups),
    };
    const prepare = (calls: readonly KernelCall[]) => calls.map((call) => ready(machine, call));
    const stage = (name: string, calls: readonly KernelCall[], channels: number): Stage => {
      const { height: h, width: w } = canvas.size;
      return { name, commands: prepare(calls), picture: canvas.here, shape: [images, h, w, channels] };
    };

    const [postQuant, convIn] = weights.first;
    const calls = [convolution(latents, postQuant, spare, size), convolution(spare, convIn, here, size)];
    const stages = [stage("decoder_after_conv_in", calls, convIn.outputs)];
    const blocks = decoderBlocks(config);
    weights.blocks.forEach((block, index) => {
      const made = blockCalls(canvas, block, config);
      stages.push(stage(`decoder_after_block_${index}`, made, blocks[index].output));
    });
    const last = normed(canvas, canvas.here, weights.last, pictures, config, {});
    return { size, arena, latents, pictures, stages, last: prepare(last) };
  }
}

/** A picture and room for two others as large. */
interface Canvas {
  size: PictureSize;
  here: GPUBuffer;
  spare: GPUBuffer;
  other: GPUBuffer;
  readonly statistics: GPUBuffer;
}

/** What replaces the picture by the block's. */
function blockCalls(canvas: Canvas, block: PlacedBlock, config: AutoencoderConfig): KernelCall[] {
  switch (block.type) {
    case "residual":
      return residual(canvas, block, config);
    case "attention":
      return selfAttention(canvas, block, config);
    case "up": {
      const { images, height, width } = canvas.size;
      canvas.size = { images, height: 2 * height, width: 2 * width };
      const call = convolution(canvas.here, block.filter, canvas.spare, canvas.size, { doubled: true });
      [canvas.here, canvas.spare] = [canvas.spare, canvas.here];
      return [call];
    }
    default:
      return block satisfies never;
  }
}

type BlockOf<Type> = Extract<PlacedBlock, { type: Type }>;

/** conv2(silu(norm2(conv1(silu(norm1 x))))) + residual_scale·shortcut(x); the sum is made where the shortcut lies. */
function residual(canvas: Canvas, block: BlockOf<"residual">, config: AutoencoderConfig): KernelCall[] {
  const { size, here, spare, other } = canvas;
  const calls = normed(canvas, here, block.first, other, config, {});
  if (block.shortcut !== null) {
    calls.push(convolution(here, block.shortcut, spare, size));
    [canvas.here, canvas.spare] = [spare, here];
  }
  const kept = config.residual_scale;
  return [...calls, ...normed(canvas, other, block.second, canvas.here, config, { kept })];
}

/** proj(attention(qkv(norm x))) + x over all pixels of an image, one head. */
function selfAttention(
  canvas: Canvas,
  { qkv, proj }: BlockOf<"attention">,
  config: AutoencoderConfig,
): KernelCall[] {
  const { size, here, spare, other } = canvas;
  const tokens = size.height * size.width;
  const D = proj.inputs;
  return [
    ...normed(canvas, here, qkv, spare, config, { active: false }),
    attention(spare, other, { samples: size.images, tokens, D, heads: 1 }),
    convolution(other, proj, here, size, { kept: 1 }),
  ];
}

/** y = conv(silu(norm x)), the SiLU where `active`, added to kept·y where that is given. */
function normed(
  { size, statistics }: Canvas,
  x: GPUBuffer,
  { factors, filter }: NormedFilter,
  y: GPUBuffer,
  { groups }: AutoencoderConfig,
  { active = true, kept }: { readonly active?: boolean; readonly kept?: number },
): KernelCall[] {
  const { images, height, width } = size;
  const sizes = { images, pixels: height * width, channels: filter.inputs, groups };
  const norm: InputNorm = { statistics, factors, groups, active };
  return [groupStatistics(x, statistics, sizes, NORM_EPS), convolution(x, filter, y, size, { norm, kept })];
}
