import type { DatasetStore } from "#datasets/dataset.ts";
import type { LocalModels } from "#library/localModels.ts";
import type { Runs } from "#runs/runs.ts";
import type { connectPictures } from "#workers/picturesClient.ts";
import type { connectTrainer } from "#workers/trainerClient.ts";

/** What fine-tuning alone needs of the browser. */
export interface FinetuneHost {
  readonly connectTrainer: typeof connectTrainer;
  readonly connectPictures: typeof connectPictures;
  readonly datasets: DatasetStore;
  readonly runs: Runs;
  readonly localModels: LocalModels;
  /** Shows what an address names; the way back leads here. */
  readonly openAddress: (hash: string) => void;
  /** Asks the browser not to clear this site's storage by itself when the disk is short; it may refuse. */
  readonly makeLasting: () => Promise<void>;
  /** Runs whose lock some tab holds. */
  readonly lockedRuns: () => Promise<ReadonlySet<string>>;
}
