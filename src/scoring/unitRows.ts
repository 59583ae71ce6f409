import { dot, type Matrix, rowOf } from "./matrix.ts";
import { ScoringError } from "./scoringError.ts";

/** Rows divided by their L2 norms. Throws ScoringError NoDirection for a row that has none. */
export function unitRows(features: Matrix): Matrix {
  const values = new Float64Array(features.values.length);
  for (let i = 0; i < features.rows; i++) {
    const row = rowOf(features, i);
    const norm = Math.sqrt(dot(row, row));
    if (!(norm > 0 && norm < Number.POSITIVE_INFINITY))
      throw new ScoringError({ kind: "NoDirection", sample: i });
    for (let d = 0; d < row.length; d++) values[i * features.columns + d] = row[d] / norm;
  }
  return { ...features, values };
}

/** 1 − cosine of unit rows, half of their squared distance; equal rows differ by rounding and count as 0. */
export function halfSquaredDistance(a: Float64Array, b: Float64Array): number {
  const gap = 1 - dot(a, b);
  return gap < 1e-12 ? 0 : gap;
}
