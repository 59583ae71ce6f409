import { STREAMS, uniforms } from "#flow/uniforms.ts";
import { type Matrix, rowOf, rowsAt } from "./matrix.ts";
import { ScoringError } from "./scoringError.ts";
import { halfSquaredDistance } from "./unitRows.ts";

/** K for a set of this size: min(24, max(2, ⌊n/20⌋)). */
export const clusterCount = (samples: number): number => Math.min(24, Math.max(2, Math.floor(samples / 20)));

/** Centroids [count,D] by k-means++ on unit rows, from numbers u_0, u_1, … of stream 6 of the seed: the first is row
 *  ⌊u_0·N⌋; the k-th is the first row whose running sum of d passes u_k·Σd, d = 1 − cosine to the nearest centroid so
 *  far, 0 for rows that are centroids. If all d are 0, the lowest row that is no centroid yet.
 *  Throws ScoringError TooManyClusters. Source: Arthur and Vassilvitskii 2007. */
export function kMeansStart(unit: Matrix, count: number, seed: number): Matrix {
  const samples = unit.rows;
  if (!(count >= 1 && count <= samples))
    throw new ScoringError({ kind: "TooManyClusters", clusters: count, samples });
  const u = uniforms(seed, STREAMS.clustering, count);
  const chosen = [Math.floor(u[0] * samples)];
  const distances = new Float64Array(samples).fill(Number.POSITIVE_INFINITY);
  for (let k = 1; k < count; k++) {
    const last = chosen[k - 1];
    const centroid = rowOf(unit, last);
    let total = 0;
    for (let i = 0; i < samples; i++) {
      distances[i] = i === last ? 0 : Math.min(distances[i], halfSquaredDistance(rowOf(unit, i), centroid));
      total += distances[i];
    }
    chosen.push(total > 0 ? firstPassing(distances, u[k] * total) : lowestOutside(chosen));
  }
  return rowsAt(unit, chosen);
}

function firstPassing(distances: Float64Array, target: number): number {
  let running = 0;
  let last = 0; // where rounding leaves the whole sum at the target
  for (let i = 0; i < distances.length; i++) {
    running += distances[i];
    if (running > target) return i;
    if (distances[i] > 0) last = i;
  }
  return last;
}

function lowestOutside(chosen: readonly number[]): number {
  let index = 0;
  while (chosen.includes(index)) index++;
  return index;
}
