import { dot, indexOfLargest, type Matrix, rowOf } from "./matrix.ts";

/** `count` rows of features [N,R] in order of choice, none twice, so that their mean approaches the mean μ of all: each
 *  turn the row of largest ⟨w, φ_i⟩ (a tie: lower index), w = μ − (mean of the chosen), at first w = μ. That is the order
 *  of golden 06; Welling's own rule divides the sum of the chosen by t + 1 instead and gives another.
 *  Sources: Welling 2009; in a kernel's space Chen, Welling and Smola 2010, "Super-samples from kernel herding". */
export function herding(features: Matrix, count: number): Uint32Array {
  const { rows, columns, values } = features;
  const mean = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) mean[i % columns] += values[i];
  for (let column = 0; column < columns; column++) mean[column] /= rows;
  const toMean = Float64Array.from({ length: rows }, (_, i) => dot(rowOf(features, i), mean));
  const toChosen = new Float64Array(rows); // ⟨sum of the chosen, φ_i⟩
  const scores = new Float64Array(rows);
  const chosen = new Uint32Array(Math.min(count, rows));
  for (let turn = 0; turn < chosen.length; turn++) {
    for (let i = 0; i < rows; i++) scores[i] = toMean[i] - toChosen[i] / Math.max(1, turn);
    for (let before = 0; before < turn; before++) scores[chosen[before]] = Number.NEGATIVE_INFINITY;
    const next = indexOfLargest(scores);
    chosen[turn] = next;
    const row = rowOf(features, next);
    for (let i = 0; i < rows; i++) toChosen[i] += dot(rowOf(features, i), row);
  }
  return chosen;
}
