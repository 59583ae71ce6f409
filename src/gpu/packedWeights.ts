import type { GpuArena } from "./arena.ts";
import { packHalves } from "./halves.ts";
import { vectors } from "./kernel.ts";

/** Weights and bias of a layer on the device. */
export interface PackedWeights {
  /** Rows of outputs, padded to whole vectors with zeros. */
  readonly weight: GPUBuffer;
  readonly bias: GPUBuffer;
  /** Whether weights lie two to a word rather than one. */
  readonly halves: boolean;
  /** A weight is what is stored times this power of two. */
  readonly scale: number;
}

/** Places rows of outputs, each padded to whole vectors, and their bias [out]. Weights that come from a file of halves
 *  stay halves: the values are the same, and a product that waits for them waits half as long. Without `packs` all of
 *  them are float32. */
export function placePacked(
  arena: GpuArena,
  rows: Float32Array,
  bias: Float32Array,
  packs: boolean,
): PackedWeights {
  const packed = packs ? packHalves(rows) : null;
  const wholeBias = new Float32Array(4 * vectors(bias.length));
  wholeBias.set(bias);
  return {
    weight: arena.place(packed?.halves ?? rows),
    bias: arena.place(wholeBias),
    halves: packed !== null,
    scale: packed?.scale ?? 1,
  };
}
