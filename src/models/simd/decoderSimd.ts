import type { SimdSource } from "#simd/installed.ts";
import { SimdMachine } from "#simd/machine.ts";
import { type Block, decoderBlocks, NORM_EPS } from "../autoencoderBlocks.ts";
import type { AutoencoderConfig } from "../autoencoderConfig.ts";
import { storedWeight } from "../storedLayer.ts";
import type { WeightMap } from "../weights.ts";
import { packConvolution, placeNorm, type SimdConvolution, type SimdNorm } from "./simdConvolution.ts";

/** Channels of a kernel's panel. */
const PANEL = 8;

/** Called with intermediate pictures [height,width,channels] under the names of the golden vectors. */
export type PictureTaps = (name: string, values: Float32Array, height: number, width: number) => void;

/** Whether the kernels can run a decoder: no attention, and channels eight at a time. */
export const simdDecodes = (config: AutoencoderConfig): boolean =>
  !config.use_attention &&
  config.channel_multipliers.every((multiplier) => (config.hidden_channels * multiplier) % PANEL === 0);

/** A block's layers in the memory. */
type PlacedBlock =
  | {
      readonly type: "residual";
      readonly norm1: SimdNorm;
      readonly conv1: SimdConvolution;
      readonly norm2: SimdNorm;
      readonly conv2: SimdConvolution;
      readonly shortcut: SimdConvolution | null;
    }
  | { readonly type: "up"; readonly conv: SimdConvolution };

/** A picture in the memory, and room for others as large. */
interface Canvas {
  height: number;
  width: number;
  /** The picture. */
  here: number;
  /** Two that may be written. */
  spare: number;
  other: number;
}

/** The half of an autoencoder that draws, on the CPU's SIMD kernels; the same formula as `runSide`, picture by picture. */
export class DecoderSimd {
  private readonly machine: SimdMachine;
  private readonly first: readonly [SimdConvolution, SimdConvolution];
  private readonly blocks: readonly PlacedBlock[];
  private readonly lastNorm: SimdNorm;
  private readonly last: SimdConvolution;
  private readonly zeros: number;
  private readonly scratch: number;
  private readonly mostChannels: number;

  /** Takes weights whose names and shapes have been checked, for a config of which `simdDecodes`. Throws SimdMemoryError. */
  constructor(
    private readonly config: AutoencoderConfig,
    weights: WeightMap,
    source: SimdSource,
  ) {
    const machine = new SimdMachine(source);
    this.machine = machine;
    const conv = (name: string) =>
      packConvolution(
        machine,
        storedWeight(weights, `${name}.weight`),
        storedWeight(weights, `${name}.bias`).values,
      );
    const norm = (name: string) =>
      placeNorm(
        machine,
        storedWeight(weights, `${name}.weight`).values,
        storedWeight(weights, `${name}.bias`).values,
      );
    const blocks = decoderBlocks(config);
    this.first = [conv("post_quant_conv"), conv("decoder.conv_in")];
    this.blocks = blocks.map((block, index) => placedBlock(block, `decoder.blocks.${index}`, conv, norm));
    this.lastNorm = norm("decoder.norm_out");
    this.last = conv("decoder.conv_out");
    this.mostChannels = Math.max(PANEL, ...blocks.map(({ input, output }) => Math.max(input, output)));
    this.zeros = machine.reserve(this.mostChannels);
    this.scratch = machine.reserve(8 * this.mostChannels);
  }

  /** Lets its memory go. */
  dispose(): void {
    this.machine.close();
  }

  /** The picture [f·h,f·w,image_channels] of one latent [h,w,latent_channels]. */
  decode(latent: Float32Array, height: number, width: number, tap?: PictureTaps): Float32Array {
    return this.machine.scoped(() => this.run(latent, height, width, tap));
  }

  private run(latent: Float32Array, height: number, width: number, tap?: PictureTaps): Float32Array {
    const { machine, config } = this;
    const ups = this.blocks.filter(({ type }) => type === "up").length;
    const largest = height * width * 4 ** ups * this.mostChannels;
    const canvas: Canvas = {
      height,
      width,
      here: machine.reserve(largest),
      spare: machine.reserve(largest),
      other: machine.reserve(largest),
    };
    const tell = (name: string, channels: number): void => {
      const { here, height: h, width: w } = canvas;
      tap?.(name, machine.at(here, h * w * channels).slice(), h, w);
    };
    widen(latent, config.latent_channels, machine.at(canvas.here, height * width * PANEL));
    for (const conv of this.first) this.convolve(canvas, conv);
    tell("decoder_after_conv_in", this.first[1].outputs);
    this.blocks.forEach((block, index) => {
      if (block.type === "up") this.convolve(canvas, block.conv, 1);
      else this.residual(canvas, block);
      tell(`decoder_after_block_${index}`, block.type === "up" ? block.conv.outputs : block.conv2.outputs);
    });
    this.normalise(canvas, canvas.here, canvas.here, this.lastNorm);
    this.convolve(canvas, this.last);
    const pixels = canvas.height * canvas.width;
    return narrow(machine.at(canvas.here, pixels * this.last.outputs), pixels, config.image_channels);
  }

  /** Replaces the picture by its convolution, twice as high and wide with `shift` 1. */
  private convolve(canvas: Canvas, conv: SimdConvolution, shift: 0 | 1 = 0): void {
    canvas.height <<= shift;
    canvas.width <<= shift;
    this.convolution(canvas, canvas.here, canvas.spare, conv, shift);
    [canvas.here, canvas.spare] = [canvas.spare, canvas.here];
  }

  /** conv2(silu(norm2(conv1(silu(norm1 x))))) + residual_scale·shortcut(x). */
  private residual(canvas: Canvas, block: Extract<PlacedBlock, { type: "residual" }>): void {
    const { here, spare, other } = canvas;
    this.normalise(canvas, here, spare, block.norm1);
    this.convolution(canvas, spare, other, block.conv1, 0);
    this.normalise(canvas, other, other, block.norm2);
    const rest = block.shortcut === null ? here : spare;
    if (block.shortcut !== null) this.convolution(canvas, here, spare, block.shortcut, 0);
    this.convolution(canvas, other, rest, block.conv2, 0, rest);
    if (rest === spare) [canvas.here, canvas.spare] = [spare, here];
  }

  private convolution(
    canvas: Canvas,
    x: number,
    y: number,
    conv: SimdConvolution,
    shift: 0 | 1,
    rest = 0,
  ): void {
    const { height, width } = canvas;
    const { filter, bias, inputs, outputs, size } = conv;
    this.machine.run(
      "convolution",
      height,
      ...[x, filter, bias, y, height, width, inputs, outputs, size, shift],
      ...[this.zeros, rest, this.config.residual_scale],
    );
  }

  private normalise(
    { height, width }: Canvas,
    x: number,
    y: number,
    { gamma, beta, channels }: SimdNorm,
  ): void {
    const { groups } = this.config;
    const active = 1;
    this.machine.share(
      "groupNormSilu",
      ...[0, 1],
      ...[x, y, height, width, channels, groups, gamma, beta, NORM_EPS, this.scratch, active],
    );
  }
}

function placedBlock(
  block: Block,
  name: string,
  conv: (name: string) => SimdConvolution,
  norm: (name: string) => SimdNorm,
): PlacedBlock {
  if (block.type === "up") return { type: "up", conv: conv(`${name}.conv`) };
  return {
    type: "residual",
    norm1: norm(`${name}.norm1`),
    conv1: conv(`${name}.conv1`),
    norm2: norm(`${name}.norm2`),
    conv2: conv(`${name}.conv2`),
    shortcut: block.input === block.output ? null : conv(`${name}.conv_shortcut`),
  };
}

/** Pixels of `channels` numbers into pixels of a whole panel, the rest 0. */
function widen(values: Float32Array, channels: number, wide: Float32Array): void {
  wide.fill(0);
  for (let pixel = 0; pixel < values.length / channels; pixel++)
    wide.set(values.subarray(pixel * channels, (pixel + 1) * channels), pixel * PANEL);
}

/** The first `channels` numbers of every pixel. */
function narrow(wide: Float32Array, pixels: number, channels: number): Float32Array {
  const width = wide.length / pixels;
  const values = new Float32Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++)
    values.set(wide.subarray(pixel * width, pixel * width + channels), pixel * channels);
  return values;
}
