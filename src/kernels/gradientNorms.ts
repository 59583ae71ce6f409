import {
  add,
  matMul,
  mul,
  reshape,
  square,
  stack,
  sum,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  tidy,
} from "@tensorflow/tfjs-core";
import { flatRange } from "./flatRange.ts";
import { linearWeightGradient } from "./linearGradients.ts";
import { defineKernel } from "./route.ts";
import { transposed } from "./transposed.ts";

/** ‖∂ℓ_b/∂W‖² + ‖∂ℓ_b/∂bias‖² [B] of a linear layer for every sample by itself, from its inputs x [B·N,in] and the
 *  gradients at its outputs delta [B·N,out], rows in the order of the samples. With the rows X, δ of one sample
 *    ‖Xᵀδ‖² = ⟨XXᵀ, δδᵀ⟩, the cheaper one of the two; bias ‖Σδ‖²,
 *  so no weight's gradient is formed unless that is cheaper. The caller disposes the result.
 *  Source: Goodfellow 2015, arXiv 1510.01799; Li et al. 2021, arXiv 2110.05679, §4; method §6. */
export function gradientNorms(x: Tensor2D, delta: Tensor2D, batch: number): Tensor1D {
  return tidy(() => {
    if (x.shape[0] === batch) return mul(add(squaresOf(x), 1), squaresOf(delta)); // one row: rank one
    const ofTokens: Tensor3D = reshape(delta, [batch, -1, delta.shape[1]]);
    return add(weightNorms(x, delta, batch), squaresOf(sum(ofTokens, 1)));
  });
}

const squaresOf = (rows: Tensor2D): Tensor1D => sum(square(rows), 1);

/** Whether N×N products of rows take fewer multiplications than the in×out gradient. */
const byProducts = (x: Tensor2D, delta: Tensor2D, batch: number): boolean => {
  const [tokens, inputs, outputs] = [x.shape[0] / batch, x.shape[1], delta.shape[1]];
  return tokens * (inputs + outputs) <= inputs * outputs;
};

const weightNorms = defineKernel("gradientNorms", (x: Tensor2D, delta: Tensor2D, batch: number): Tensor1D => {
  const apart = (rows: Tensor2D): Tensor3D => reshape(rows, [batch, -1, rows.shape[1]]);
  const [X, D] = [apart(x), apart(delta)];
  return tidy(() =>
    byProducts(x, delta, batch)
      ? sum(mul(matMul(X, X, false, true), matMul(D, D, false, true)), [1, 2])
      : sum(square(matMul(X, D, true, false)), [1, 2]),
  );
});

/** Sample by sample from two-dimensional products: tfjs-wasm 4.22 multiplies batches without its fast library. */
weightNorms.setRoute("wasm", (x, delta, batch) =>
  tidy((): Tensor1D => {
    const tokens = x.shape[0] / batch;
    const ofSample = (rows: Tensor2D, b: number): Tensor2D => {
      const width = rows.shape[1];
      return flatRange(rows, b * tokens * width, [tokens, width]);
    };
    const gram = (rows: Tensor2D): Tensor2D => matMul(rows, transposed(rows));
    const small = byProducts(x, delta, batch);
    const norms = Array.from({ length: batch }, (_, b) =>
      tidy(() => {
        const [X, D] = [ofSample(x, b), ofSample(delta, b)];
        return sum(small ? mul(gram(X), gram(D)) : square(linearWeightGradient(X, D)));
      }),
    );
    return stack(norms) as Tensor1D;
  }),
);
