import { mul, type Rank, sigmoid, type Tensor, tidy } from "@tensorflow/tfjs-core";

/** y = x·σ(x), any shape. The caller disposes y. */
export function silu<R extends Rank>(x: Tensor<R>): Tensor<R> {
  return tidy(() => mul(x, sigmoid(x)));
}
