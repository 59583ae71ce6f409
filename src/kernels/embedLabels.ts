import { matMul, type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";

/** Rows `labels` of an embedding table [rows,D], as [labels,D]. The caller disposes the result. A product with
 *  one-hot rows, since tfjs-wasm 4.22 has no gradient of gather (no UnsortedSegmentSum). Every other term is an
 *  exact zero, so the rows come out bit for bit. Labels are checked by the model that owns the table. */
export function embedLabels(labels: readonly number[], table: Tensor2D): Tensor2D {
  return tidy(() => {
    const rows = table.shape[0];
    const oneHot = new Float32Array(labels.length * rows);
    labels.forEach((label, row) => {
      oneHot[row * rows + label] = 1;
    });
    return matMul(tensor2d(oneHot, [labels.length, rows]), table);
  });
}
