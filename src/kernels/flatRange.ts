import {
  engine,
  pad,
  type Rank,
  registerGradient,
  registerKernel,
  reshape,
  type ShapeMap,
  slice,
  type Tensor,
  type TensorInfo,
  type TypedArray,
  tidy,
  util,
} from "@tensorflow/tfjs-core";
import { defineKernel } from "./route.ts";

/** The numbers of x from position `offset` on, in memory order, as a tensor of `shape`. The caller disposes it. */
export function flatRange<R extends Rank>(x: Tensor, offset: number, shape: ShapeMap[R]): Tensor<R> {
  return tidy(() => reshape<R>(range(x, offset, util.sizeFromShape(shape)), shape));
}

/** Numbers `offset` … `offset + size − 1` of x as a vector. */
const range = defineKernel(
  "flatRange",
  (x: Tensor, offset: number, size: number): Tensor => slice(reshape(x, [-1]), [offset], [size]),
);

/** tfjs-wasm 4.22 copies the whole input out of its memory for every slice, which makes one block's worth of slices
 *  cost more than its products. This copies the range and nothing else. */
range.setRoute("wasm", (x, offset, size) => {
  const flat = reshape(x, [-1]);
  return engine().runKernel<Tensor>(KERNEL, { x: flat }, { offset, size });
});

const KERNEL = "FlatRange";

interface WasmMemory {
  makeOutput(shape: number[], dtype: string): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): TypedArray;
}
const isWasmMemory = (backend: object): backend is WasmMemory =>
  "makeOutput" in backend && "typedArrayFromHeap" in backend;

registerKernel({
  kernelName: KERNEL,
  backendName: "wasm",
  kernelFunc({ inputs, backend, attrs }) {
    const { x } = inputs;
    const [offset, size] = [Number(attrs?.offset), Number(attrs?.size)];
    if (x === undefined || !isWasmMemory(backend)) throw new Error(`${KERNEL} is for tensors of tfjs-wasm`);
    const output = backend.makeOutput([size], x.dtype); // may move the memory, so the views come after
    backend.typedArrayFromHeap(output).set(backend.typedArrayFromHeap(x).subarray(offset, offset + size));
    return output;
  },
});

registerGradient({
  kernelName: KERNEL,
  inputsToSave: ["x"],
  gradFunc(dy, [x], attrs) {
    const [offset, size] = [Number(attrs.offset), Number(attrs.size)];
    const single = Array.isArray(dy) ? dy[0] : dy;
    return { x: () => pad(single, [[offset, x.size - offset - size]]) };
  },
});
