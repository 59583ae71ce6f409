import { STREAMS, uniforms } from "#flow/uniforms.ts";
import { balancedQuota } from "./balancedQuota.ts";
import type { Evidence } from "./evidence.ts";
import { herding } from "./herding.ts";
import { kCenter } from "./kCenter.ts";
import { keptCount, proportionalQuota } from "./keptCount.ts";
import { dropClusters, selectAtRandom } from "./randomSelections.ts";
import { selectByScore } from "./selectByScore.ts";
import { selectByKernel, selectPerCluster } from "./selectPerCluster.ts";

/** What a criterion keeps when a share `ratio` is pruned, in its order of choice. */
type Criterion = (evidence: Evidence, ratio: number, seed: number) => Uint32Array;

const budget = (evidence: Evidence, ratio: number): number => keptCount(evidence.samples, ratio);

const byScore =
  (name: "loss" | "gradient" | "dominance", largest: boolean): Criterion =>
  (evidence, ratio) =>
    selectByScore(evidence.scores(name), budget(evidence, ratio), largest);

const proportional =
  (furthest: boolean): Criterion =>
  (evidence, ratio) => {
    const { labels, sizes, distances } = evidence.clusters();
    return selectPerCluster(labels, distances, proportionalQuota(sizes, ratio), furthest);
  };

const quotaOf = (evidence: Evidence, ratio: number): Uint32Array =>
  balancedQuota(evidence.clusters().sizes, budget(evidence, ratio));

const balanced =
  (furthest: boolean): Criterion =>
  (evidence, ratio) => {
    const { labels, distances } = evidence.clusters();
    return selectPerCluster(labels, distances, quotaOf(evidence, ratio), furthest);
  };

/** The criteria of method §6 under the names of the results: inverses keep what the criterion would drop first. */
const CRITERIA = {
  random: (evidence, ratio, seed) => selectAtRandom(evidence.samples, budget(evidence, ratio), seed),
  G: byScore("gradient", true),
  "G-inverse": byScore("gradient", false),
  L: byScore("loss", true),
  "L-inverse": byScore("loss", false),
  Cp: proportional(false),
  "Cp-furthest": proportional(true),
  Cb: balanced(false),
  "Cb-furthest": balanced(true),
  "Cb-kernel": (evidence, ratio) => {
    const { labels, distances } = evidence.clusters();
    return selectByKernel(labels, distances, evidence.kernelFeatures(), quotaOf(evidence, ratio));
  },
  /** B×L: the quotas of Cb, inside each cluster the samples of lowest L. */
  BxL: (evidence, ratio) =>
    selectPerCluster(evidence.clusters().labels, evidence.scores("loss"), quotaOf(evidence, ratio)),
  dominance: byScore("dominance", true),
  "k-center": (evidence, ratio, seed) => {
    const start = Math.floor(uniforms(seed, STREAMS.shuffle, 1)[0] * evidence.samples);
    return kCenter(evidence.unit(), budget(evidence, ratio), start);
  },
  herding: (evidence, ratio) => herding(evidence.unit(), budget(evidence, ratio)),
  "drop-cluster": (evidence, ratio, seed) => dropClusters(evidence.clusters(), budget(evidence, ratio), seed),
} as const satisfies Record<string, Criterion>;

export type CriterionName = keyof typeof CRITERIA;
export const CRITERION_NAMES = Object.keys(CRITERIA) as CriterionName[];

/** Kept indices, ascending, when a share `ratio` in [0,1] of the samples is pruned by a criterion: exactly
 *  `keptCount(N, ratio)` of them, but by Cp, which rounds down in each cluster and may keep a few less, down to none.
 *  Throws ScoringError: BadRatio, NoSamples, NotGathered, and what the criterion's evidence does. */
export const select = (
  criterion: CriterionName,
  ratio: number,
  evidence: Evidence,
  seed: number = evidence.seed,
): Uint32Array => CRITERIA[criterion](evidence, ratio, seed).sort();
