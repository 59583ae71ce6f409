import { STREAMS, uniforms } from "#flow/uniforms.ts";
import type { Estimate } from "./estimate.ts";
import { assertSameCount } from "./features.ts";
import { MetricError } from "./metricError.ts";

/** How an interval is drawn: `resamples` times, from the shuffle stream of `seed`. */
export interface Resampling {
  readonly resamples: number;
  readonly seed: number;
}

/** The seed of every published interval, so that they come out alike on every machine. */
export const RESAMPLING: Resampling = { resamples: 1000, seed: 20_260 };

/** How often each sample is taken: one array a block, [resamples, size] in row-major order, each row's sum is size. */
export type ResampledCounts = readonly Int32Array[];

/** Draws samples with replacement inside their blocks of `sizes`: for each resample, uniform number i of all blocks'
 *  samples picks sample ⌊u · size⌋ of its block. Throws MetricError TooFewSamples for a block of fewer than 2, SeedError.
 *  Source: Efron & Tibshirani 1993, ch. 13. */
export function resampledCounts(sizes: readonly number[], { resamples, seed }: Resampling): ResampledCounts {
  const least = Math.min(...sizes); // of no block: Infinity
  if (!Number.isFinite(least) || least < 2) {
    const samples = Number.isFinite(least) ? least : 0;
    throw new MetricError({ kind: "TooFewSamples", metric: "interval over seeds", samples, needed: 2 });
  }
  const total = sizes.reduce((sum, size) => sum + size);
  const u = uniforms(seed, STREAMS.shuffle, resamples * total);
  let start = 0;
  return sizes.map((size) => {
    const counts = new Int32Array(resamples * size);
    for (let r = 0; r < resamples; r++) {
      for (let i = 0; i < size; i++) counts[r * size + Math.floor(u[r * total + start + i] * size)]++;
    }
    start += size;
    return counts;
  });
}

/** [resamples]: the mean over blocks of each resample's mean of `blocks`' values. */
export function replicatesOfMean(
  blocks: readonly ArrayLike<number>[],
  counts: ResampledCounts,
): Float64Array {
  const resamples = counts[0].length / blocks[0].length;
  return Float64Array.from({ length: resamples }, (_, r) => {
    let sum = 0;
    blocks.forEach((block, k) => {
      let taken = 0;
      for (let i = 0; i < block.length; i++) taken += counts[k][r * block.length + i] * block[i];
      sum += taken / block.length;
    });
    return sum / blocks.length;
  });
}

/** The middle 95 % of replicates: their 2.5 % and 97.5 % points, with straight lines between neighbours. */
export function percentiles(replicates: Float64Array): { low: number; high: number } {
  const sorted = Float64Array.from(replicates).sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  };
  return { low: at(0.025), high: at(0.975) };
}

const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

/** Estimate from blocks of values and the counts that resample them. */
export function estimateOfMean(blocks: readonly ArrayLike<number>[], counts: ResampledCounts): Estimate {
  const values = blocks.map(mean);
  return { value: mean(values), ...percentiles(replicatesOfMean(blocks, counts)), blocks: values };
}

/** Mean of one number a seed, blocks of them, with the interval that resampling whole seeds gives.
 *  Throws MetricError TooFewSamples (a block needs 2), SeedError. Source: method §8. */
export function intervalOfMean(
  blocks: readonly ArrayLike<number>[],
  resampling: Resampling = RESAMPLING,
): Estimate {
  const sizes = blocks.map((block) => block.length);
  return estimateOfMean(blocks, resampledCounts(sizes, resampling));
}

/** Mean of a − b, where number i of each block of both was measured at the same seed: what a lucky seed gives to both
 *  cancels. The two differ when the interval leaves out 0.
 *  Throws MetricError (CountsDiffer, TooFewSamples), SeedError. */
export function pairedDifference(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
  resampling: Resampling = RESAMPLING,
): Estimate {
  assertSameCount("paired difference, blocks", a.length, b.length);
  const differences = a.map((block, k) => {
    assertSameCount("paired difference", block.length, b[k].length);
    return Float64Array.from(block, (value, i) => value - b[k][i]);
  });
  return intervalOfMean(differences, resampling);
}
