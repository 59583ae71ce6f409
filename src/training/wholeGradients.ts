import { matMul, type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { linearBiasGradient, linearWeightGradient } from "#kernels/linearGradients.ts";
import type { LayerGradient } from "#models/layerGradient.ts";
import type { TakeGradient } from "./trainable.ts";

/** Gives the gradients of a layer's weight and bias, or of a table of `rows` rows. */
export function takeWhole(gradient: LayerGradient, rows: number, take: TakeGradient): void {
  if (gradient.kind === "table") {
    take(gradient.name, tableGradient(gradient.labels, gradient.delta, rows));
  } else {
    take(`${gradient.name}.weight`, linearWeightGradient(gradient.x, gradient.delta));
    take(`${gradient.name}.bias`, linearBiasGradient(gradient.delta));
  }
}

/** Row y of the result is the sum of the rows b of delta with labels[b] = y. */
export function tableGradient(labels: readonly number[], delta: Tensor2D, rows: number): Tensor2D {
  return tidy(() => {
    const oneHot = new Float32Array(rows * labels.length);
    labels.forEach((label, b) => {
      oneHot[label * labels.length + b] = 1;
    });
    return matMul(tensor2d(oneHot, [rows, labels.length]), delta);
  });
}
