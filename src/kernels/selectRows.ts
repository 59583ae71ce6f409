import { matMul, type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";

/** Rows `indices` of a table [rows,D], as [indices,D]. The caller disposes the result, and sees to it that every
 *  index is in range. A product with one-hot rows: tfjs-wasm 4.22 has no gradient of gather (no UnsortedSegmentSum)
 *  and gathers number by number. Every other term is an exact zero, so the rows come out as they are. */
export function selectRows(indices: readonly number[], table: Tensor2D): Tensor2D {
  return tidy(() => {
    const rows = table.shape[0];
    const oneHot = new Float32Array(indices.length * rows);
    indices.forEach((index, row) => {
      oneHot[row * rows + index] = 1;
    });
    return matMul(tensor2d(oneHot, [indices.length, rows]), table);
  });
}
