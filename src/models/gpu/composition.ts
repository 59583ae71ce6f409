import type { Tensor } from "@tensorflow/tfjs-core";
import type { KernelCall } from "#gpu/kernel.ts";
import type { RowTable } from "#gpu/machine.ts";
import { tensorGpu } from "./tensorGpu.ts";

/** Does what a call says on copies of its buffers, by the composition that defines the kernel: ops of TensorFlow.js in the
 *  order of all commands. Reads the call's numbers in the order of the kernel's `Params`, weights as float32. */
export type Composition = (call: KernelCall, table: RowTable | undefined) => void;

/** For numbers some of which count vectors: these as numbers of values. */
export const fourfoldAt =
  (...places: readonly number[]) =>
  (value: number, place: number): number =>
    places.includes(place) ? 4 * value : value;

/** What a buffer begins with. */
export function read<T extends Tensor>(
  buffer: GPUBuffer | null,
  shape: readonly number[],
  dtype: "float32" | "int32" = "float32",
): T {
  const gpu = tensorGpu();
  const { tensor, buffer: copy } = gpu.newTensor(shape, dtype);
  if (buffer) gpu.encoder().copyBufferToBuffer(buffer, 0, copy, 0, 4 * tensor.size);
  return tensor as T;
}

export function write(tensor: Tensor, buffer: GPUBuffer | null): void {
  if (buffer === null) return;
  const gpu = tensorGpu();
  const from = gpu.bufferOf(tensor);
  gpu.encoder().copyBufferToBuffer(from, 0, buffer, 0, 4 * tensor.size);
}
