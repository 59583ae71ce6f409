import { DatasetStoreError } from "#datasets/storeError.ts";
import { storageError } from "#files/byteFiles.ts";
import { ModelError } from "#models/modelError.ts";
import { ScoringError } from "#scoring/scoringError.ts";
import { TrainingError } from "#training/trainingError.ts";
import { EngineFailure } from "../errors.ts";
import type { TrainerError } from "../trainerProtocol.ts";

/** An error that already carries what the page is to be told. */
export class TrainerFailure extends Error {
  override readonly name = "TrainerFailure";
  constructor(readonly error: TrainerError) {
    super(error.kind);
  }
}

/** The error value for anything thrown while a request was served. */
export function toTrainerError(cause: unknown): TrainerError {
  if (cause instanceof TrainerFailure || cause instanceof EngineFailure) return cause.error;
  if (cause instanceof TrainingError) return { kind: "Training", problem: cause.problem };
  if (cause instanceof ScoringError) return { kind: "Scoring", problem: cause.problem };
  if (cause instanceof DatasetStoreError) {
    const { problem } = cause;
    if (problem.kind === "Missing") return { kind: "DatasetMissing", dataset: problem.id };
    if (problem.kind === "Full" || problem.kind === "Unavailable") return { kind: "Storage", error: problem };
  }
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof ModelError) return { kind: "InvalidJob", field: "model", detail };
  return { kind: "Internal", detail };
}

/** What a store of runs gives; what it refuses is told as Storage. */
export const stored = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((cause: unknown) => {
    throw new TrainerFailure({ kind: "Storage", error: storageError(cause) });
  });

/** Throws InvalidJob. */
export function refuse(field: string, detail: string): never {
  throw new TrainerFailure({ kind: "InvalidJob", field, detail });
}
