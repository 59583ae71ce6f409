import {
  estimateOfMean,
  percentiles,
  RESAMPLING,
  type Resampling,
  replicatesOfMean,
  resampledCounts,
} from "./bootstrap.ts";
import { pairedCosines } from "./cosine.ts";
import { derangement } from "./derangement.ts";
import type { Estimate } from "./estimate.ts";
import { assertSameCount } from "./features.ts";

/** Features of the images of two models (row i of both from the same seed) and their classes. */
export interface PairedBlock {
  readonly a: readonly ArrayLike<number>[];
  readonly b: readonly ArrayLike<number>[];
  readonly labels: readonly number[];
}

/** How alike two models draw the same seeds. */
export interface Similarity {
  /** Mean cosine of features of paired images. */
  readonly s: Estimate;
  /** The same with a stranger of the class in place of the pair: what chance gives. */
  readonly sUnrelated: Estimate;
  /** (s − s_unrel) / (1 − s_unrel): 1 for the same pictures, 0 for strangers. */
  readonly sNormalised: Estimate;
}

/** s_norm = (s − s_unrel) / (1 − s_unrel). */
export const normalised = (s: number, sUnrelated: number): number => (s - sUnrelated) / (1 - sUnrelated);

/** Same-seed similarity over blocks of seeds: s = mean cos(a_i, b_i), s_unrel = mean cos(a_i, b_p(i)) with the
 *  `derangement` p of `shuffleSeed` inside each class, and s_norm of the two. Intervals resample seeds, the two cosines
 *  of a seed together.
 *  Throws MetricError (CountsDiffer, SizesDiffer, NotFinite, NoDirection, LoneSample, TooFewSamples), SeedError.
 *  Source: method §8. */
export function similarity(
  blocks: readonly PairedBlock[],
  shuffleSeed = 0,
  resampling: Resampling = RESAMPLING,
): Similarity {
  const same = blocks.map(({ a, b }) => pairedCosines(a, b));
  const unrelated = blocks.map(({ a, b, labels }) => {
    assertSameCount("labels of a block", a.length, labels.length);
    const strangers = derangement(labels, shuffleSeed);
    return pairedCosines(
      a,
      b.map((_, i) => b[strangers[i]]),
    );
  });
  const sizes = same.map((block) => block.length);
  const counts = resampledCounts(sizes, resampling);
  const s = estimateOfMean(same, counts);
  const sUnrelated = estimateOfMean(unrelated, counts);
  const unrelatedReplicates = replicatesOfMean(unrelated, counts);
  const replicates = replicatesOfMean(same, counts).map((value, r) =>
    normalised(value, unrelatedReplicates[r]),
  );
  return {
    s,
    sUnrelated,
    sNormalised: {
      value: normalised(s.value, sUnrelated.value),
      ...percentiles(replicates),
      blocks: s.blocks.map((value, k) => normalised(value, sUnrelated.blocks[k])),
    },
  };
}
