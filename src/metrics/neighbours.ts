import { assertEnough, type Features } from "./features.ts";
import { squaredDistance } from "./rows.ts";

/** ‖a_i − b_j‖ of features of one size, [a.count, b.count] in row-major order. Differences are squared, not expanded, so
 *  equal rows are exactly 0 apart. */
export function distances(a: Features, b: Features): Float64Array {
  const { size } = a;
  const between = new Float64Array(a.count * b.count);
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      between[i * b.count + j] = Math.sqrt(squaredDistance(a.values, i * size, b.values, j * size, size));
    }
  }
  return between;
}

/** For each of `ks`, [count]: distance of each point to its k-th nearest *other* point.
 *  Throws MetricError TooFewSamples unless count > k. */
export function radiiToNearest(points: Features, ks: readonly number[]): Float64Array[] {
  const { values, count, size } = points;
  for (const k of ks) assertEnough(`${k} nearest other points`, count, k + 1);
  const squared = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    squared[i * count + i] = Number.POSITIVE_INFINITY;
    for (let j = i + 1; j < count; j++) {
      const value = squaredDistance(values, i * size, values, j * size, size);
      squared[i * count + j] = value;
      squared[j * count + i] = value;
    }
  }
  const radii = ks.map(() => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    const sorted = squared.subarray(i * count, (i + 1) * count).sort();
    ks.forEach((k, at) => {
      radii[at][i] = Math.sqrt(sorted[k - 1]);
    });
  }
  return radii;
}

/** Distances of row i of `queries` to its nearest and second nearest row of `references`, of which there are two or more. */
export function twoNearest(queries: Features, i: number, references: Features): [number, number] {
  const { size } = queries;
  let nearest = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  for (let j = 0; j < references.count; j++) {
    const squared = squaredDistance(queries.values, i * size, references.values, j * size, size);
    if (squared < nearest) {
      second = nearest;
      nearest = squared;
    } else if (squared < second) second = squared;
  }
  return [Math.sqrt(nearest), Math.sqrt(second)];
}
