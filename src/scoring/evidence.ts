import { fourierFeatures, medianSigma, randomFrequencies } from "./kernelFeatures.ts";
import { type Clusters, sphericalKMeans } from "./kMeans.ts";
import { clusterCount, kMeansStart } from "./kMeansStart.ts";
import type { Matrix } from "./matrix.ts";
import { ScoringError } from "./scoringError.ts";
import { unitRows } from "./unitRows.ts";

/** What was measured of a set of samples; plain arrays that can be stored. Criteria ask for what they need. */
export interface Measured {
  readonly samples: number;
  /** Of noises, clusters and random choices. */
  readonly seed: number;
  /** Scores L, G and D [N]. */
  readonly loss?: Float64Array;
  readonly gradient?: Float64Array;
  readonly dominance?: Float64Array;
  /** Rows of features [N,D], of any length, for C. */
  readonly features?: Matrix;
}

/** What was measured, with what follows from its features, computed once and when it is asked for. */
export interface Evidence {
  readonly samples: number;
  readonly seed: number;
  /** Throws ScoringError NotGathered. */
  scores(name: "loss" | "gradient" | "dominance"): Float64Array;
  /** Features as unit rows [N,D]. Throws ScoringError NotGathered, NoDirection. */
  unit(): Matrix;
  /** min(24, max(2, ⌊N/20⌋)) clusters; a single sample is one cluster. Throws as `unit` does. */
  clusters(): Clusters;
  /** 512 random Fourier features, their width by the median heuristic [N,512]. Throws as `unit` does, and
   *  ScoringError NoPairs, FeaturesCoincide. */
  kernelFeatures(): Matrix;
}

/** Evidence from what was measured. Throws ScoringError CountsDiffer where an array has not one value a sample. */
export function evidenceOf(measured: Measured): Evidence {
  const { samples, seed, features } = measured;
  for (const name of ["loss", "gradient", "dominance"] as const)
    requireCount(`scores by ${name}`, measured[name]?.length, samples);
  requireCount("rows of features", features?.rows, samples);
  const unit = once(() => unitRows(gathered("the samples' features", features)));
  return {
    samples,
    seed,
    scores: (name) => gathered(`the score by ${name}`, measured[name]),
    unit,
    clusters: once(() => {
      const start = kMeansStart(unit(), Math.min(samples, clusterCount(samples)), seed);
      return sphericalKMeans(unit(), start);
    }),
    kernelFeatures: once(() => {
      const rows = unit();
      return fourierFeatures(rows, randomFrequencies(rows.columns, medianSigma(rows, seed), seed));
    }),
  };
}

function gathered<T>(evidence: string, value: T | undefined): T {
  if (value === undefined) throw new ScoringError({ kind: "NotGathered", evidence });
  return value;
}

function requireCount(what: string, count: number | undefined, expected: number): void {
  if (count !== undefined && count !== expected)
    throw new ScoringError({ kind: "CountsDiffer", what, count, expected });
}

function once<T>(compute: () => T): () => T {
  let value: { readonly is: T } | undefined;
  return () => {
    value ??= { is: compute() };
    return value.is;
  };
}
