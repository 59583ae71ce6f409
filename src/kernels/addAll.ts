import { add, clone, type Rank, type Tensor, tidy } from "@tensorflow/tfjs-core";

/** Sum of one tensor or more of one shape, from the first to the last. The caller disposes it.
 *  tfjs's addN binds all of them to one shader: on WebGPU more than seven pass the limit of eight buffers, and the result
 *  is whatever its buffer held before (4.22). */
export const addAll = <R extends Rank>(tensors: readonly Tensor<R>[]): Tensor<R> =>
  tidy(() => tensors.slice(1).reduce((sum, tensor) => add(sum, tensor), clone(tensors[0])));
