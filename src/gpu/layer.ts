import type { GpuArena } from "./arena.ts";
import { vectors } from "./kernel.ts";
import { type PackedWeights, placePacked } from "./packedWeights.ts";

/** A linear layer on the device: W [in,out], inputs and outputs padded to whole vectors with zeros. */
export interface GpuLayer extends PackedWeights {
  readonly inputs: number;
  readonly outputs: number;
}

/** Places a matrix [out,in] and its bias [out]; `packs` as in `placePacked`. */
export function placeLayer(
  arena: GpuArena,
  matrix: Float32Array,
  bias: Float32Array,
  inputs: number,
  packs = true,
): GpuLayer {
  const outputs = bias.length;
  const width = 4 * vectors(outputs);
  const transposed = new Float32Array(4 * vectors(inputs) * width);
  for (let out = 0; out < outputs; out++) {
    for (let k = 0; k < inputs; k++) transposed[k * width + out] = matrix[out * inputs + k];
  }
  return { ...placePacked(arena, transposed, bias, packs), inputs, outputs };
}
