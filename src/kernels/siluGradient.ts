import { add, mul, type Rank, sigmoid, sub, type Tensor, tidy } from "@tensorflow/tfjs-core";

/** ∂loss/∂x of y = x·σ(x) for dy = ∂loss/∂y: dy·σ·(1 + x·(1 − σ)), any shape. The caller disposes it. */
export function siluGradient<R extends Rank>(x: Tensor<R>, dy: Tensor<R>): Tensor<R> {
  return tidy(() => {
    const gate: Tensor<R> = sigmoid(x);
    return mul(dy, mul(gate, add(mul(x, sub(1, gate)), 1)));
  });
}
