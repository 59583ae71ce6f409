import { dot, type Matrix, rowOf } from "./matrix.ts";
import { unitRows } from "./unitRows.ts";

/** Rounds of k-means after which it is left as it is (method §6). */
export const MAX_ROUNDS = 100;

/** Clusters of N unit rows. */
export interface Clusters {
  /** Cluster of each sample [N]. */
  readonly labels: Uint32Array;
  /** Unit rows [K,D]. */
  readonly centroids: Matrix;
  /** Samples of each cluster [K]. */
  readonly sizes: Uint32Array;
  /** Euclidean distance of each sample to its centroid [N]. */
  readonly distances: Float64Array;
  /** Σ of 1 − cosine to the own centroid: half of the squared distances. */
  readonly inertia: number;
  /** Rounds of assigning and updating that were run. */
  readonly rounds: number;
}

/** Spherical k-means of unit rows [N,D] from the centroids `start` [K,D]: a row belongs to the centroid of largest cosine
 *  (a tie: lower index), a centroid is the normalised sum of its rows. Until labels rest or `rounds` rounds are done, then
 *  a last assignment. A cluster without rows, or whose rows cancel, keeps its centroid. Throws ScoringError NoDirection.
 *  Source: Dhillon and Modha 2001. */
export function sphericalKMeans(unit: Matrix, start: Matrix, rounds = MAX_ROUNDS): Clusters {
  let centroids = unitRows(start);
  let labels = nearest(unit, centroids);
  let done = 0;
  for (let rests = false; done < rounds && !rests; done++) {
    centroids = moved(unit, centroids, labels);
    const before = labels;
    labels = nearest(unit, centroids);
    rests = labels.every((label, i) => label === before[i]);
  }
  const sizes = new Uint32Array(centroids.rows);
  const distances = new Float64Array(unit.rows);
  let inertia = 0;
  labels.forEach((label, i) => {
    sizes[label]++;
    distances[i] = distance(rowOf(unit, i), rowOf(centroids, label));
    inertia += distances[i] ** 2 / 2;
  });
  return { labels, centroids, sizes, distances, inertia, rounds: done };
}

function nearest(unit: Matrix, centroids: Matrix): Uint32Array {
  return Uint32Array.from({ length: unit.rows }, (_, i) => {
    const row = rowOf(unit, i);
    let [best, cosine] = [0, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < centroids.rows; k++) {
      const other = dot(row, rowOf(centroids, k));
      if (other > cosine) [best, cosine] = [k, other];
    }
    return best;
  });
}

function moved(unit: Matrix, centroids: Matrix, labels: Uint32Array): Matrix {
  const { rows, columns } = centroids;
  const sums: Matrix = { rows, columns, values: new Float64Array(rows * columns) };
  labels.forEach((label, i) => {
    const [sum, row] = [rowOf(sums, label), rowOf(unit, i)];
    for (let d = 0; d < columns; d++) sum[d] += row[d];
  });
  for (let k = 0; k < rows; k++) {
    const sum = rowOf(sums, k);
    const norm = Math.sqrt(dot(sum, sum));
    if (norm > 1e-12) for (let d = 0; d < columns; d++) sum[d] /= norm;
    else sum.set(rowOf(centroids, k));
  }
  return sums;
}

function distance(a: Float64Array, b: Float64Array): number {
  let squares = 0;
  for (let d = 0; d < a.length; d++) squares += (a[d] - b[d]) ** 2;
  return Math.sqrt(squares);
}
