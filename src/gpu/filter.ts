import type { GpuArena } from "./arena.ts";
import { vectors } from "./kernel.ts";
import { type PackedWeights, placePacked } from "./packedWeights.ts";

/** A convolution's weights on the device: [k·k,in,out], inputs and outputs padded to whole vectors with zeros. */
export interface GpuFilter extends PackedWeights {
  readonly inputs: number;
  readonly outputs: number;
  /** k, the side of the filter. */
  readonly size: number;
}

/** Places a filter [out,in,k,k] and its bias [out]; `packs` as in `placePacked`. */
export function placeFilter(
  arena: GpuArena,
  filter: { readonly shape: readonly number[]; readonly values: Float32Array },
  bias: Float32Array,
  packs = true,
): GpuFilter {
  const [outputs, inputs, size] = filter.shape;
  const [width, depth] = [4 * vectors(outputs), 4 * vectors(inputs)];
  const taps = size * size;
  const turned = new Float32Array(taps * depth * width);
  for (let out = 0; out < outputs; out++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++)
        turned[(tap * depth + input) * width + out] = filter.values[(out * inputs + input) * taps + tap];
    }
  }
  return { ...placePacked(arena, turned, bias, packs), inputs, outputs, size };
}
