import type { GpuArena } from "./arena.ts";
import { packHalves } from "./halves.ts";
import { vectors } from "./kernel.ts";

/** A linear layer on the device. */
export interface GpuLayer {
  /** W [in,out], rows and their number padded to whole vectors with zeros. */
  readonly weight: GPUBuffer;
  readonly bias: GPUBuffer;
  /** Whether weights lie two to a word rather than one. */
  readonly halves: boolean;
  /** A weight is what is stored times this power of two. */
  readonly scale: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Places a matrix [out,in] and its bias [out]. Weights that come from a file of halves stay halves: the values are the
 *  same, and a product that waits for them waits half as long. Without `packs` all weights stay float32. */
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
  const packed = packs ? packHalves(transposed) : null;
  const wholeBias = new Float32Array(width);
  wholeBias.set(bias);
  return {
    weight: arena.place(packed?.halves ?? transposed),
    bias: arena.place(wholeBias),
    halves: packed !== null,
    scale: packed?.scale ?? 1,
    inputs,
    outputs,
  };
}
