import type { EvidenceKey, TrainerEvent } from "#workers/trainerProtocol.ts";
import { type ChoiceName, type Evidence, needsOf } from "./criteria.ts";

/** Clusters of the pictures' features, with the plane in which they are drawn. */
export interface ClusterView {
  readonly count: number;
  /** Cluster of each picture [N]. */
  readonly labels: Uint32Array;
  /** To the centroid of the own cluster [N]. */
  readonly distances: Float64Array;
  /** x, y of each picture [N,2]: the two principal directions of the unit features. */
  readonly map: Float32Array;
}

/** What is known of every picture of a data set. */
export interface Scores {
  readonly evidence: EvidenceKey;
  readonly samples: number;
  readonly loss: Float64Array | null;
  readonly gradient: Float64Array | null;
  readonly dominance: Float64Array | null;
  readonly clusters: ClusterView | null;
}

const floats = (buffer: ArrayBuffer | null) => buffer && new Float64Array(buffer);

export function scoresOf(event: Extract<TrainerEvent, { type: "scored" }>): Scores {
  const { evidence, samples, loss, gradient, dominance, clusters } = event;
  return {
    evidence,
    samples,
    loss: floats(loss),
    gradient: floats(gradient),
    dominance: floats(dominance),
    clusters: clusters && {
      count: clusters.count,
      labels: new Uint32Array(clusters.labels),
      distances: new Float64Array(clusters.distances),
      map: new Float32Array(clusters.map),
    },
  };
}

const has = (scores: Scores | null, evidence: Evidence): boolean =>
  scores !== null && scores[evidence === "features" ? "clusters" : evidence] !== null;

/** What a choice still needs to be measured; empty when it can choose. */
export const missingFor = (choice: ChoiceName, scores: Scores | null): readonly Evidence[] =>
  needsOf(choice).filter((evidence) => !has(scores, evidence));

/** What has been measured of a picture, by name. */
export type ScoreName = "loss" | "gradient" | "dominance" | "distance";
export const SCORE_NAMES: readonly ScoreName[] = ["loss", "gradient", "dominance", "distance"];

export const scoreValues = (scores: Scores, name: ScoreName): Float64Array | null =>
  name === "distance" ? (scores.clusters?.distances ?? null) : scores[name];
