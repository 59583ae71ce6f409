/** What the trainer can be asked to do. Types only. Labels on this wire count as in the data set unless it is said otherwise. */
import type { RunId, RunPlan } from "#runs/run.ts";
import type { CriterionName } from "#scoring/criteria.ts";

/** Pictures of a data set to latents of a family's autoencoder; kept, so that the next job finds them. */
export interface EncodeJob {
  readonly dataset: string;
  readonly family: string;
}

/** What of the criteria's evidence is to be measured; the rest of what is kept stays. */
export interface ScoreJob {
  readonly dataset: string;
  readonly family: string;
  /** The early light model that L and G are measured with, by name or role; a DiT. */
  readonly proxy: string;
  /** Where features come from: a DiT of the family by name or role (pooled block output), or the embedding network. */
  readonly features: { readonly kind: "model"; readonly model: string } | { readonly kind: "embedding" };
  /** Label in the family for each class of the data set; null: none of them, scored as without a label. */
  readonly labels: readonly (number | null)[];
  readonly measure: {
    /** L alone; with `gradient`, G as well, which takes about three times as long. */
    readonly loss: boolean;
    readonly gradient: boolean;
    readonly features: boolean;
    readonly dominance: boolean;
  };
  /** Of noises, probes and clusters. */
  readonly seed: number;
}

/** Evidence that a `score` left behind. */
export type EvidenceKey = string;

/** What a criterion keeps. Served between the steps of a job that is under way. */
export interface SelectJob {
  readonly evidence: EvidenceKey;
  readonly criterion: CriterionName;
  /** Share that is pruned, in [0,1]. */
  readonly ratio: number;
  readonly seed: number;
}

/** A new run, or one that goes on from its last checkpoint. */
export type TrainJob =
  | { readonly kind: "new"; readonly run: RunId; readonly plan: RunPlan }
  | {
      readonly kind: "resume";
      readonly run: RunId;
      /** Fewer samples at once, after memory ran out; null: as before. */
      readonly microBatch: number | null;
      /** Steps of the whole run, when it is to become longer; null: as before. */
      readonly steps: number | null;
    };

/** Pictures by a run's average weights. While the run is trained they are drawn between two steps, otherwise by its last
 *  checkpoint. */
export interface SampleJob {
  readonly run: RunId;
  /** Classes count as in the trained network. */
  readonly pictures: readonly { readonly seed: number; readonly label: number }[];
  readonly drawing: { readonly steps: number; readonly guidance: number };
}

/** A run's average weights as the library would keep them. While the run is trained they are those of the moment, otherwise those
 *  of its last checkpoint. */
export interface ExportJob {
  readonly run: RunId;
}

/** What a run would cost. Needs no data set: steps are tried on noise of the same size. */
export interface EstimateJob {
  readonly plan: RunPlan;
}
