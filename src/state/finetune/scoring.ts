import type { TrainerProgress } from "#workers/trainerClient.ts";
import type { TrainerError, TrainerEvent } from "#workers/trainerProtocol.ts";
import type { Evidence } from "./criteria.ts";
import { type Scores, scoresOf } from "./scores.ts";
import { beginStage, type Stage, stageAfter } from "./stage.ts";

/** Where the measuring of a data set stands. */
export type ScoringRun =
  | { readonly status: "idle" }
  | {
      readonly status: "running";
      /** Empty while only what is kept is looked up. */
      readonly wanted: readonly Evidence[];
      readonly stage: Stage;
      readonly pausing: boolean;
    }
  | { readonly status: "paused"; readonly wanted: readonly Evidence[]; readonly stage: Stage }
  | { readonly status: "failed"; readonly wanted: readonly Evidence[]; readonly error: TrainerError };

export interface Scoring {
  readonly run: ScoringRun;
  readonly scores: Scores | null;
}

export const INITIAL_SCORING: Scoring = { run: { status: "idle" }, scores: null };

export type ScoringEvent =
  | { readonly type: "scoring-began"; readonly wanted: readonly Evidence[]; readonly at: number }
  | { readonly type: "scoring-progress"; readonly event: TrainerProgress; readonly at: number }
  | { readonly type: "scoring-pausing" }
  | { readonly type: "scored"; readonly event: Extract<TrainerEvent, { type: "scored" }> }
  | { readonly type: "scoring-paused" }
  | { readonly type: "scoring-cancelled" }
  | { readonly type: "scoring-failed"; readonly error: TrainerError }
  /** Another data set, or none: what was known was of the old one. */
  | { readonly type: "scoring-cleared" };

export function scoringReducer(scoring: Scoring, event: ScoringEvent): Scoring {
  const { run } = scoring;
  switch (event.type) {
    case "scoring-began": {
      const { wanted, at } = event;
      return { ...scoring, run: { status: "running", wanted, stage: beginStage(at), pausing: false } };
    }
    case "scoring-progress":
      if (run.status !== "running") return scoring;
      return { ...scoring, run: { ...run, stage: stageAfter(run.stage, event.event, event.at) } };
    case "scoring-pausing":
      return run.status === "running" ? { ...scoring, run: { ...run, pausing: true } } : scoring;
    case "scored":
      return { run: { status: "idle" }, scores: scoresOf(event.event) };
    case "scoring-paused":
      if (run.status !== "running") return scoring;
      return { ...scoring, run: { status: "paused", wanted: run.wanted, stage: run.stage } };
    case "scoring-cancelled":
      return { ...scoring, run: { status: "idle" } };
    case "scoring-failed": {
      const wanted = run.status === "idle" ? [] : run.wanted;
      return { ...scoring, run: { status: "failed", wanted, error: event.error } };
    }
    case "scoring-cleared":
      return INITIAL_SCORING;
    default:
      return event satisfies never;
  }
}
