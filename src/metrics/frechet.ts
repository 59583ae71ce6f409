import { type Features, featuresOf } from "./features.ts";
import { MetricError } from "./metricError.ts";
import { dot } from "./rows.ts";
import { symmetricEigen, symmetricEigenvalues } from "./symmetricEigen.ts";

const METRIC = "Fréchet distance";

/** Mean [D] and covariance [D, D], divided by N − 1, of features. */
export interface Gaussian {
  readonly size: number;
  readonly mean: Float64Array;
  /** Row-major and symmetric. */
  readonly covariance: Float64Array;
}

/** Mean and covariance of features of one length D. Throws MetricError (TooFewSamples below 2, SizesDiffer, NotFinite). */
export function gaussianOf(vectors: readonly ArrayLike<number>[]): Gaussian {
  const features = featuresOf(METRIC, vectors, 2);
  const mean = meanOf(features);
  return { size: features.size, mean, covariance: covarianceOf(features, mean) };
}

function meanOf({ values, count, size }: Features): Float64Array {
  const mean = new Float64Array(size);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < size; i++) mean[i] += values[row * size + i];
  }
  for (let i = 0; i < size; i++) mean[i] /= count;
  return mean;
}

function covarianceOf({ values, count, size }: Features, mean: Float64Array): Float64Array {
  // Each feature's deviations side by side: sums over samples then run along rows.
  const deviations = new Float64Array(size * count);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < size; i++) deviations[i * count + row] = values[row * size + i] - mean[i];
  }
  const covariance = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const value = dot(deviations, i * count, deviations, j * count, count) / (count - 1);
      covariance[i * size + j] = value;
      covariance[j * size + i] = value;
    }
  }
  return covariance;
}

/** The fixed side of many Fréchet distances, its eigenvectors taken once. */
export interface FrechetReference {
  readonly gaussian: Gaussian;
  /** L [rank, D] with LᵀL = Σ: eigenvectors times the root of their eigenvalue, those of 0 left out. */
  readonly factor: Float64Array;
  readonly rank: number;
}

/** Below this an eigenvalue is what rounding leaves of 0; the root of it would not be small. */
const negligible = (values: Float64Array): number =>
  values.length * Number.EPSILON * values.reduce((largest, value) => Math.max(largest, value), 0);

/** Prepares `gaussian` as a reference. A singular covariance (fewer samples than D) has a factor of fewer rows. */
export function frechetReference(gaussian: Gaussian): FrechetReference {
  const { size, covariance } = gaussian;
  const { values, vectors } = symmetricEigen(covariance, size);
  const least = negligible(values);
  const kept = [...values.keys()].filter((i) => values[i] > least);
  const factor = new Float64Array(kept.length * size);
  kept.forEach((from, to) => {
    const root = Math.sqrt(values[from]);
    for (let j = 0; j < size; j++) factor[to * size + j] = root * vectors[from * size + j];
  });
  return { gaussian, factor, rank: kept.length };
}

/** FD = ‖μa − μb‖² + tr(Σa + Σb − 2 (Σa^½ Σb Σa^½)^½) of the reference a and `other` b, in squared units of the
 *  features, never below 0. With LᵀL = Σa the last trace is Σ √eigenvalue(L Σb Lᵀ).
 *  It is named after the network whose features it reads, and FID for Inception's alone.
 *  Throws MetricError SizesDiffer. Source: Dowson & Landau 1982; Heusel et al. 2017, arXiv 1706.08500. */
export function frechetDistanceTo(reference: FrechetReference, other: Gaussian): number {
  const { gaussian, factor, rank } = reference;
  const { size } = gaussian;
  if (size !== other.size)
    throw new MetricError({ kind: "SizesDiffer", metric: METRIC, first: size, second: other.size });
  let spread = 0;
  for (let i = 0; i < size; i++) {
    const shift = gaussian.mean[i] - other.mean[i];
    const corner = i * size + i;
    spread += shift * shift + gaussian.covariance[corner] + other.covariance[corner];
  }
  const inner = symmetricEigenvalues(congruent(factor, other.covariance, rank, size), rank);
  const least = negligible(inner);
  for (const value of inner) if (value > least) spread -= 2 * Math.sqrt(value);
  return Math.max(spread, 0);
}

/** L Σ Lᵀ for L [rank, size] and symmetric Σ [size, size]: its upper triangle, which is all that is read of it. */
function congruent(l: Float64Array, sigma: Float64Array, rank: number, size: number): Float64Array {
  const product = new Float64Array(rank * rank);
  const row = new Float64Array(size);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < size; j++) row[j] = dot(l, i * size, sigma, j * size, size); // row i of L Σ, Σ symmetric
    for (let j = i; j < rank; j++) product[i * rank + j] = dot(row, 0, l, j * size, size);
  }
  return product;
}

/** FD of two lists of features of one length. Throws MetricError (TooFewSamples below 2, SizesDiffer, NotFinite). */
export function frechetDistance(
  real: readonly ArrayLike<number>[],
  fake: readonly ArrayLike<number>[],
): number {
  return frechetDistanceTo(frechetReference(gaussianOf(real)), gaussianOf(fake));
}
