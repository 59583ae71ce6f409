import type { GpuArena } from "./arena.ts";
import { packHalves } from "./halves.ts";
import { vectors } from "./kernel.ts";

/** A convolution's weights on the device. */
export interface GpuFilter {
  /** [k·k,in,out], inputs and outputs padded to whole vectors with zeros. */
  readonly weight: GPUBuffer;
  readonly bias: GPUBuffer;
  /** Whether weights lie two to a word rather than one. */
  readonly halves: boolean;
  /** A weight is what is stored times this power of two. */
  readonly scale: number;
  readonly inputs: number;
  readonly outputs: number;
  /** k, the side of the filter. */
  readonly size: number;
}

/** Places a filter [out,in,k,k] and its bias [out]. Weights that come from a file of halves stay halves; without
 *  `packs` all of them are float32. */
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
  const packed = packs ? packHalves(turned) : null;
  const wholeBias = new Float32Array(width);
  wholeBias.set(bias);
  return {
    weight: arena.place(packed?.halves ?? turned),
    bias: arena.place(wholeBias),
    halves: packed !== null,
    scale: packed?.scale ?? 1,
    inputs,
    outputs,
    size,
  };
}
