import type { DatasetRecord } from "#datasets/dataset.ts";
import type { ClassTarget, RunRecord } from "#runs/run.ts";
import type { TrainerProgress } from "#workers/trainerClient.ts";
import type { BackendReport, TrainerState } from "#workers/trainerProtocol.ts";
import type { Choice, Override, Selection } from "./choice.ts";
import type { Distance } from "./distance.ts";
import type { AgreementTable, EstimateState, OpenSet, Pair, Step, StoredSet } from "./finetune.ts";
import type { ImportingEvent } from "./importing.ts";
import type { FinetuneProblem } from "./problem.ts";
import type { ScoringEvent } from "./scoring.ts";
import type { LiveRun, TrainingEvent } from "./training.ts";
import type { TrainSettings } from "./trainSettings.ts";

/** Everything that can happen on the Fine-tune page, from the reader, from storage and from the trainer. */
export type FinetuneEvent =
  | ImportingEvent
  | ScoringEvent
  | TrainingEvent
  | { readonly type: "step-opened"; readonly step: Step }
  | { readonly type: "sets-listed"; readonly sets: readonly StoredSet[] }
  | { readonly type: "set-opening"; readonly id: string | null }
  | { readonly type: "set-opened"; readonly set: OpenSet | null }
  | { readonly type: "set-renamed"; readonly record: DatasetRecord }
  | { readonly type: "choice-changed"; readonly change: Partial<Choice> }
  | { readonly type: "overridden"; readonly indices: readonly number[]; readonly wish: Override | null }
  | { readonly type: "selected"; readonly selection: Selection | null }
  | { readonly type: "agreement-changed"; readonly agreement: AgreementTable | null }
  | { readonly type: "trainer-state"; readonly state: TrainerState }
  | { readonly type: "trainer-backend"; readonly backend: BackendReport }
  | { readonly type: "settings-changed"; readonly settings: TrainSettings }
  | { readonly type: "targets-changed"; readonly targets: readonly ClassTarget[] | null }
  | { readonly type: "estimate-began"; readonly of: string; readonly at: number }
  | { readonly type: "estimate-progress"; readonly event: TrainerProgress; readonly at: number }
  | { readonly type: "estimated"; readonly estimate: EstimateState }
  | {
      readonly type: "runs-listed";
      readonly runs: readonly RunRecord[];
      readonly locked: ReadonlySet<string>;
    }
  | { readonly type: "against-changed"; readonly against: LiveRun | null }
  | { readonly type: "pair-changed"; readonly pair: Pair | null }
  | { readonly type: "distances-began"; readonly at: number }
  | { readonly type: "distances-progress"; readonly done: number; readonly of: number; readonly at: number }
  | { readonly type: "distance-measured"; readonly run: string; readonly distance: Distance }
  | { readonly type: "distances-ended"; readonly problem: FinetuneProblem | null }
  | { readonly type: "problem"; readonly problem: FinetuneProblem | null };
