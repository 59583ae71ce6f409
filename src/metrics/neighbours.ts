import { assertEnough, type Features } from "./features.ts";

/** Squared Euclidean distance of row i of `a` and row j of `b`. */
function squaredDistance(a: Features, i: number, b: Features, j: number): number {
  const { size } = a;
  let sum = 0;
  for (let k = 0; k < size; k++) {
    const difference = a.values[i * size + k] - b.values[j * size + k];
    sum += difference * difference;
  }
  return sum;
}

/** ‖a_i − b_j‖ of features of one size, [a.count, b.count] in row-major order. Differences are squared, not expanded, so
 *  equal rows are exactly 0 apart. */
export function distances(a: Features, b: Features): Float64Array {
  const between = new Float64Array(a.count * b.count);
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) between[i * b.count + j] = Math.sqrt(squaredDistance(a, i, b, j));
  }
  return between;
}

/** [count]: distance of each point to its k-th nearest *other* point. Throws MetricError TooFewSamples unless count > k. */
export function radiusToNearest(points: Features, k: number): Float64Array {
  assertEnough(`${k} nearest other points`, points.count, k + 1);
  const { count } = points;
  const between = distances(points, points);
  return Float64Array.from({ length: count }, (_, i) => {
    between[i * count + i] = Number.POSITIVE_INFINITY;
    return between.subarray(i * count, (i + 1) * count).sort()[k - 1];
  });
}

/** Distances of row i of `queries` to its nearest and second nearest row of `references`, of which there are two or more. */
export function twoNearest(queries: Features, i: number, references: Features): [number, number] {
  let nearest = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  for (let j = 0; j < references.count; j++) {
    const squared = squaredDistance(queries, i, references, j);
    if (squared < nearest) {
      second = nearest;
      nearest = squared;
    } else if (squared < second) second = squared;
  }
  return [Math.sqrt(nearest), Math.sqrt(second)];
}
