import { matMul, ones, reshape, sum, type Tensor1D, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { defineKernel } from "./route.ts";
import { transposed } from "./transposed.ts";

// Gradients of y = x·W + b, x [rows,in], W [in,out], with delta = ∂loss/∂y [rows,out].
// On tfjs-wasm 4.22 a product with a transposed operand leaves the fast path: 1024×512 by 512×128 takes 120 ms that
// way and 10 ms with the transpose made first. Its sum over the first axis transposes as well.

/** ∂loss/∂x = delta·Wᵀ [rows,in]. The caller disposes it. */
export const linearInputGradient = defineKernel(
  "linearInputGradient",
  (delta: Tensor2D, weight: Tensor2D): Tensor2D => matMul(delta, weight, false, true),
);
linearInputGradient.setRoute("wasm", (delta, weight) =>
  tidy((): Tensor2D => {
    const [rows, [inputs, outputs]] = [delta.shape[0], weight.shape];
    // Whichever is less to transpose: W, or delta and the result.
    if (inputs * outputs <= rows * (inputs + outputs)) return matMul(delta, transposed(weight));
    return transposed(matMul(weight, transposed(delta)));
  }),
);

/** ∂loss/∂W = xᵀ·delta [in,out]. The caller disposes it. */
export const linearWeightGradient = defineKernel(
  "linearWeightGradient",
  (x: Tensor2D, delta: Tensor2D): Tensor2D => matMul(x, delta, true, false),
);
linearWeightGradient.setRoute("wasm", (x, delta) => tidy((): Tensor2D => matMul(transposed(x), delta)));

/** ∂loss/∂b = Σ over rows of delta [out]. The caller disposes it. */
export const linearBiasGradient = defineKernel(
  "linearBiasGradient",
  (delta: Tensor2D): Tensor1D => sum(delta, 0),
);
linearBiasGradient.setRoute("wasm", (delta) =>
  tidy((): Tensor1D => reshape(matMul(ones([1, delta.shape[0]]), delta), [delta.shape[1]])),
);
