import type { DatasetStore } from "#datasets/dataset.ts";
import type { Runs } from "#runs/runs.ts";
import type { connectPictures } from "#workers/picturesClient.ts";
import type { connectTrainer } from "#workers/trainerClient.ts";

/** What fine-tuning alone needs of the browser. */
export interface FinetuneHost {
  readonly connectTrainer: typeof connectTrainer;
  readonly connectPictures: typeof connectPictures;
  readonly datasets: DatasetStore;
  readonly runs: Runs;
  /** Runs whose lock some tab holds. */
  readonly lockedRuns: () => Promise<ReadonlySet<string>>;
}
