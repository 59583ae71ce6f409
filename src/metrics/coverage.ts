import { assertSameSize, featuresOf } from "./features.ts";
import { distances, radiiToNearest } from "./neighbours.ts";

/** Neighbours whose distance is the radius of a ball, for precision and recall. */
export const PRECISION_K = 3;
/** The same for density and coverage. */
export const DENSITY_K = 5;

/** What each sample gives to the four metrics; a metric is the mean of its array, so an interval can resample it. */
export interface CoverageShares {
  /** [M] 0 or 1: the generated sample lies in some reference ball (k = 3). */
  readonly precision: Float64Array;
  /** [N] 0 or 1: the reference lies in some generated sample's ball (k = 3). */
  readonly recall: Float64Array;
  /** [M] ≥ 0: reference balls (k = 5) around the generated sample, divided by k; not bounded by 1. */
  readonly density: Float64Array;
  /** [N] 0 or 1: some generated sample lies in the reference's ball (k = 5). */
  readonly coverage: Float64Array;
}

/** How much of one set of features lies within the other: reference features [N, D], generated features [M, D].
 *  A point's ball has the distance to its k-th nearest *other* point as radius; precision and recall count points on the
 *  ball's edge as inside (≤), density and coverage do not (<).
 *  Throws MetricError (TooFewSamples unless N > 5 and M > 3, SizesDiffer, NotFinite).
 *  Sources: Kynkäänniemi et al. 2019, arXiv 1904.06991; Naeem et al. 2020, arXiv 2002.09797. */
export function coverageShares(
  real: readonly ArrayLike<number>[],
  fake: readonly ArrayLike<number>[],
): CoverageShares {
  const a = featuresOf("density and coverage", real, DENSITY_K + 1);
  const b = featuresOf("precision and recall", fake, PRECISION_K + 1);
  assertSameSize("precision and recall", a, b);
  const between = distances(a, b);
  const [realRadius3, realRadius5] = radiiToNearest(a, [PRECISION_K, DENSITY_K]);
  const [fakeRadius3] = radiiToNearest(b, [PRECISION_K]);
  const shares = {
    precision: new Float64Array(b.count),
    recall: new Float64Array(a.count),
    density: new Float64Array(b.count),
    coverage: new Float64Array(a.count),
  };
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      const distance = between[i * b.count + j];
      if (distance <= realRadius3[i]) shares.precision[j] = 1;
      if (distance <= fakeRadius3[j]) shares.recall[i] = 1;
      if (distance < realRadius5[i]) {
        shares.density[j] += 1 / DENSITY_K;
        shares.coverage[i] = 1;
      }
    }
  }
  return shares;
}
