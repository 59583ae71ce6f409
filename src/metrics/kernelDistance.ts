import { assertSameSize, type Features, featuresOf } from "./features.ts";
import { dot } from "./rows.ts";

/** Kernel distance KID = mean_{i≠j} k(a_i, a_j) + mean_{i≠j} k(b_i, b_j) − 2 mean_{i,j} k(a_i, b_j) with
 *  k(x, y) = (x·y / D + 1)³: unbiased, over the full sets, so it may be below 0; not multiplied by 1000.
 *  Features [N, D] and [M, D]. Throws MetricError (TooFewSamples below 2, SizesDiffer, NotFinite).
 *  Source: Bińkowski et al. 2018, arXiv 1801.01401. */
export function kernelDistance(
  real: readonly ArrayLike<number>[],
  fake: readonly ArrayLike<number>[],
): number {
  const a = featuresOf("KID", real, 2);
  const b = featuresOf("KID", fake, 2);
  assertSameSize("KID", a, b);
  let across = 0;
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) across += kernel(a, i, b, j);
  }
  return meanWithin(a) + meanWithin(b) - (2 * across) / (a.count * b.count);
}

/** Mean of k over the pairs i ≠ j of one set; k is symmetric. */
function meanWithin(set: Features): number {
  let sum = 0;
  for (let i = 0; i < set.count; i++) {
    for (let j = i + 1; j < set.count; j++) sum += kernel(set, i, set, j);
  }
  return (2 * sum) / (set.count * (set.count - 1));
}

function kernel(a: Features, i: number, b: Features, j: number): number {
  const { size } = a;
  const base = dot(a.values, i * size, b.values, j * size, size) / size + 1;
  return base * base * base;
}
