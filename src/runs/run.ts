import type { LocalModelId } from "#library/localModel.ts";
import type { Estimate } from "#metrics/estimate.ts";
import type { TrainOptions } from "#training/trainOptions.ts";

/** A training run as it is kept: what it was asked to do, which never changes, and how far it has come. Plain data. */

export type RunId = string;

/** What the network is to call the pictures of one class of the data set. */
export type ClassTarget =
  /** A class that the network does not know yet; it gets a row of its own in the label table. */
  | { readonly kind: "new"; readonly name: string }
  /** A class that it knows. */
  | { readonly kind: "known"; readonly label: number };

/** Which samples of the data set are trained on, and which the loss is measured on alone. */
export interface RunSelection {
  /** Indices into the data set, in any order; one that is there twice is seen twice as often. */
  readonly kept: Uint32Array;
  /** Samples that no run of a comparison trains on; may be empty. */
  readonly heldOut: Uint32Array;
  /** How `kept` was chosen, for people: criterion, ratio, changes by hand. */
  readonly how: string;
}

export type RunBase =
  /** A model of the family, shipped or own, by its name or role. */
  | { readonly kind: "model"; readonly model: string }
  /** A network that begins at random. */
  | {
      readonly kind: "scratch";
      readonly depth: number;
      readonly hidden_size: number;
      readonly num_heads: number;
    };

export type RunMode =
  | { readonly kind: "full" }
  /** Low-rank matrices beside the frozen base; what they add is scaled by alpha/rank. */
  | { readonly kind: "lora"; readonly rank: number; readonly alpha: number };

export type RunObjective =
  | { readonly kind: "fm" }
  /** The paper's loss for a light model that hands over at tau to `teacher`, a model of the family by name or role. */
  | { readonly kind: "c2f"; readonly teacher: string; readonly tau: number }
  /** Velocities of `teacher` at t < tMax. */
  | { readonly kind: "distil"; readonly teacher: string; readonly tMax: number };

/** What is looked at while training. */
export interface RunWatch {
  /** Steps between two looks: held-out loss, pictures, similarity to the base. 0: never. */
  readonly every: number;
  /** Pictures that are drawn at each look; classes count as in the trained network. */
  readonly pictures: readonly { readonly seed: number; readonly label: number }[];
  /** How they are drawn, by the trained network alone: Euler, `steps` points of the grid, guidance w. */
  readonly drawing: { readonly steps: number; readonly guidance: number };
}

export interface RunPlan {
  /** For people, and of the model that comes of it. */
  readonly name: string;
  readonly dataset: string;
  readonly family: string;
  readonly base: RunBase;
  /** Place that the model takes in the family. */
  readonly target: "light" | "heavy";
  readonly mode: RunMode;
  readonly objective: RunObjective;
  /** One for each class of the data set. */
  readonly classes: readonly ClassTarget[];
  readonly selection: RunSelection;
  readonly options: TrainOptions;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly watch: RunWatch;
}

/** One optimizer step. */
export interface CurvePoint {
  /** Steps made, 1 after the first. */
  readonly step: number;
  readonly loss: number;
  /** Means of the losses of each part of the objective, unweighted. */
  readonly parts: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  readonly rate: number;
  readonly ms: number;
}

/** A look at the run's average weights after `step` steps. */
export interface LookPoint {
  readonly step: number;
  /** Flow-matching loss of the held-out samples; null without any. */
  readonly heldOutLoss: number | null;
  /** How alike the pictures are to the base's of the same seeds; null for fewer than two of any class. */
  readonly similarity: SimilarityPoint | null;
}

export interface SimilarityPoint {
  /** What was compared: features of the embedding network, or the latents where the family has no such network. */
  readonly of: "embedding" | "latent";
  readonly s: Estimate;
  readonly sUnrelated: Estimate;
  /** (s − s_unrel)/(1 − s_unrel) */
  readonly sNormalised: Estimate;
}

export type RunStatus =
  /** Being trained, or cut off while it was: whoever holds its lock knows. */
  | "running"
  | "paused"
  /** A model was made of it. It can be trained further. */
  | "finished";

/** How far a run has come. Kept in one piece with the weights, so that the two never disagree. */
export interface RunProgress {
  readonly status: RunStatus;
  readonly step: number;
  /** Training and looking, over all its sittings. */
  readonly trainedMs: number;
  /** Samples whose activations are held at once; may have shrunk below the plan's. */
  readonly microBatch: number;
  /** Steps that are wanted: the plan's, or more where it was made longer. */
  readonly steps: number;
  readonly curve: readonly CurvePoint[];
  readonly looks: readonly LookPoint[];
  /** What the average weights became when it last finished. */
  readonly model: LocalModelId | null;
}

/** A kept run, without its weights. */
export interface RunRecord {
  readonly id: RunId;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly plan: RunPlan;
  /** sha256 of the base's files in shard order; empty from scratch. */
  readonly baseSha256: readonly string[];
  /** null before the first checkpoint. */
  readonly progress: RunProgress | null;
  /** Bytes that it takes. */
  readonly bytes: number;
}

/** Name of the Web Lock that is held while a run is trained. */
export const runLock = (id: RunId): string => `steadyflow-run-${id}`;
