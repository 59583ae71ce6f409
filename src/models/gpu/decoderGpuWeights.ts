import type { GpuArena } from "#gpu/arena.ts";
import { type GpuFilter, placeFilter } from "#gpu/filter.ts";
import { vectors } from "#gpu/kernel.ts";
import { type Block, decoderBlocks } from "../autoencoderBlocks.ts";
import type { AutoencoderConfig } from "../autoencoderConfig.ts";
import { storedLayer, storedWeight } from "../storedLayer.ts";
import type { WeightMap } from "../weights.ts";

/** A convolution behind a GroupNorm. */
export interface NormedFilter {
  /** gamma, then beta. */
  readonly factors: GPUBuffer;
  readonly filter: GpuFilter;
}

/** A block's weights on a device. */
export type PlacedBlock =
  | {
      readonly type: "residual";
      readonly first: NormedFilter;
      readonly second: NormedFilter;
      /** Where the block changes the number of channels. */
      readonly shortcut: GpuFilter | null;
    }
  | { readonly type: "attention"; readonly qkv: NormedFilter; readonly proj: GpuFilter }
  | { readonly type: "up"; readonly filter: GpuFilter };

/** A decoder's weights on a device. */
export interface DecoderGpuWeights {
  readonly first: readonly [GpuFilter, GpuFilter];
  readonly blocks: readonly PlacedBlock[];
  readonly last: NormedFilter;
}

/** Puts the weights, whose names and shapes have been checked, into the arena; as float32 all of them unless `packs`. */
export function placeDecoder(
  arena: GpuArena,
  config: AutoencoderConfig,
  weights: WeightMap,
  packs: boolean,
): DecoderGpuWeights {
  const conv = (name: string): GpuFilter => {
    const { matrix, bias } = storedLayer(weights, name);
    return placeFilter(arena, matrix, bias, packs);
  };
  const normed = (norm: string, name: string): NormedFilter => {
    const [gamma, beta] = ["weight", "bias"].map((part) => storedWeight(weights, `${norm}.${part}`).values);
    return { factors: arena.place(Float32Array.of(...gamma, ...beta)), filter: conv(name) };
  };
  const block = ({ type, input, output }: Block, index: number): PlacedBlock => {
    const name = `decoder.blocks.${index}`;
    switch (type) {
      case "residual":
        return {
          type,
          first: normed(`${name}.norm1`, `${name}.conv1`),
          second: normed(`${name}.norm2`, `${name}.conv2`),
          shortcut: input === output ? null : conv(`${name}.conv_shortcut`),
        };
      case "attention":
        return {
          type,
          qkv: normed(`${name}.norm`, `${name}.qkv_conv`),
          proj: conv(`${name}.proj_conv`),
        };
      case "up":
        return { type, filter: conv(`${name}.conv`) };
      case "down":
        throw new Error("a decoder has no such block");
      default:
        return type satisfies never;
    }
  };
  return {
    first: [wholeVectors(conv("post_quant_conv")), conv("decoder.conv_in")],
    blocks: decoderBlocks(config).map(block),
    last: normed("decoder.norm_out", "decoder.conv_out"),
  };
}

/** Writes the zeros behind the last output as well: what reads them reads whole vectors. */
const wholeVectors = (filter: GpuFilter): GpuFilter => ({ ...filter, outputs: 4 * vectors(filter.outputs) });
