import { symmetricEigen } from "#metrics/symmetricEigen.ts";
import { type Matrix, rowOf } from "#scoring/matrix.ts";

/** Places of rows [N,D] on a map [N,2]: their components along the two directions of largest variance, after the mean is taken
 *  away. Each direction's sign makes its largest entry positive, so that a map stays as it is. */
export function principalMap(rows: Matrix): Float32Array<ArrayBuffer> {
  const { columns: D } = rows;
  const mean = new Float64Array(D);
  for (let i = 0; i < rows.rows; i++) {
    rowOf(rows, i).forEach((value, d) => {
      mean[d] += value / rows.rows;
    });
  }
  const covariance = new Float64Array(D * D); // its upper triangle
  const centred = new Float64Array(D);
  for (let i = 0; i < rows.rows; i++) {
    const row = rowOf(rows, i);
    for (let d = 0; d < D; d++) centred[d] = row[d] - mean[d];
    for (let d = 0; d < D; d++)
      for (let e = d; e < D; e++) covariance[d * D + e] += (centred[d] * centred[e]) / rows.rows;
  }
  const { values, vectors } = symmetricEigen(covariance, D);
  const largest = Array.from(values.keys())
    .sort((a, b) => values[b] - values[a] || a - b)
    .slice(0, 2);
  const map = new Float32Array(2 * rows.rows);
  largest.forEach((index, axis) => {
    const direction = vectors.subarray(index * D, (index + 1) * D);
    const sign = Math.sign(direction.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0)) || 1;
    for (let i = 0; i < rows.rows; i++) {
      const row = rowOf(rows, i);
      let sum = 0;
      for (let d = 0; d < D; d++) sum += (row[d] - mean[d]) * direction[d];
      map[2 * i + axis] = sign * sum;
    }
  });
  return map;
}
