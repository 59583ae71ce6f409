import type { DatasetRecord } from "#datasets/dataset.ts";
import type { ClassTarget, RunRecord } from "#runs/run.ts";
import type { BackendReport, TrainerState, TrainingEstimate } from "#workers/trainerProtocol.ts";
import { type Choice, INITIAL_CHOICE, type Selection } from "./choice.ts";
import type { Distance } from "./distance.ts";
import type { Importing } from "./importing.ts";
import type { FinetuneProblem } from "./problem.ts";
import { INITIAL_SCORING, type Scoring } from "./scoring.ts";
import type { Stage } from "./stage.ts";
import type { LiveRun } from "./training.ts";
import { type TrainSettings, usualSettings } from "./trainSettings.ts";

/** The four steps, as addresses name them. */
export const STEPS = ["pictures", "choice", "training", "result"] as const;
export type Step = (typeof STEPS)[number];

/** A data set that is stored, with what later steps have added to it. */
export interface StoredSet {
  readonly record: DatasetRecord;
  /** Latents and scores, beside the record's own bytes. */
  readonly attachedBytes: number;
}

/** The data set that the page works on. */
export interface OpenSet {
  readonly record: DatasetRecord;
  /** Class of each picture [N]. */
  readonly labels: Uint16Array;
  readonly names: readonly string[];
  readonly pixelHashes: readonly string[];
}

/** What a run would cost, and for which question that was measured. */
export type EstimateState =
  | { readonly status: "none" }
  | { readonly status: "running"; readonly of: string; readonly stage: Stage }
  | { readonly status: "done"; readonly of: string; readonly estimate: TrainingEstimate }
  | { readonly status: "failed"; readonly of: string; readonly problem: FinetuneProblem };

/** How far the criteria agree on what to keep. */
export interface AgreementTable {
  readonly ratio: number;
  readonly criteria: readonly Selection["criterion"][];
  /** Jaccard indices by row and column of `criteria`; null where a pair is still to be computed. */
  readonly jaccard: readonly (readonly (number | null)[])[];
}

/** Two runs that differ in their pictures alone, trained one after the other. */
export interface Pair {
  /** stopped: by the reader, or because it could not go on; begun again it goes on there. */
  readonly status: "training" | "stopped" | "done";
  readonly at: "full" | "pruned";
}

/** Distances of runs to the pictures that they have not seen. */
export interface DistancesState {
  /** By run. */
  readonly known: ReadonlyMap<string, Distance>;
  /** How far the measuring is; null while there is none. */
  readonly stage: Pick<Stage, "done" | "of" | "from" | "since" | "at"> | null;
  readonly problem: FinetuneProblem | null;
}

/** Everything that the Fine-tune page shows. */
export interface Finetune {
  readonly step: Step;
  /** Newest first; null before they are listed. */
  readonly sets: readonly StoredSet[] | null;
  readonly importing: Importing | null;
  readonly set: OpenSet | null;
  /** Id of the set that is being opened. */
  readonly opening: string | null;
  readonly scoring: Scoring;
  readonly choice: Choice;
  /** What the criterion keeps: the last answer, which may be of an older question; null before the first. */
  readonly selection: Selection | null;
  readonly agreement: AgreementTable | null;
  readonly trainer: { readonly state: TrainerState | null; readonly backend: BackendReport | null };
  readonly settings: TrainSettings;
  /** One for each class of the set; null: as proposed. */
  readonly targets: readonly ClassTarget[] | null;
  readonly estimate: EstimateState;
  /** Newest first; null before they are listed. */
  readonly runs: readonly RunRecord[] | null;
  /** Runs that some tab is training. */
  readonly locked: ReadonlySet<string>;
  readonly run: LiveRun | null;
  /** A finished run of the same set that the one that is looked at is compared with. */
  readonly against: LiveRun | null;
  readonly pair: Pair | null;
  readonly distances: DistancesState;
  /** What went wrong last and is in the way; null when nothing is. */
  readonly problem: FinetuneProblem | null;
}

export const INITIAL_FINETUNE: Finetune = {
  step: "pictures",
  sets: null,
  importing: null,
  set: null,
  opening: null,
  scoring: INITIAL_SCORING,
  choice: INITIAL_CHOICE,
  selection: null,
  agreement: null,
  trainer: { state: null, backend: null },
  settings: usualSettings("slow"),
  targets: null,
  estimate: { status: "none" },
  runs: null,
  locked: new Set(),
  run: null,
  against: null,
  pair: null,
  distances: { known: new Map(), stage: null, problem: null },
  problem: null,
};
