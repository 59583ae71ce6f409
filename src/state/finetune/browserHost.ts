import { browserDatasets } from "#datasets/browserDatasets.ts";
import { openLocalModels } from "#library/indexedLocalModels.ts";
import { browserRuns } from "#runs/browserRuns.ts";
import { runLock } from "#runs/run.ts";
import { connectPictures } from "#workers/picturesClient.ts";
import { connectTrainer } from "#workers/trainerClient.ts";
import type { FinetuneHost } from "./host.ts";

const LOCK = runLock("");

/** Where there are no locks nothing is known of other tabs. */
async function lockedRuns(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : [])));
}

/** The page's own browser, as far as fine-tuning needs it. */
export const finetuneHost = (): FinetuneHost => ({
  connectTrainer,
  connectPictures,
  datasets: browserDatasets(),
  runs: browserRuns(),
  localModels: openLocalModels(),
  openAddress: (hash) => {
    location.hash = hash;
  },
  async makeLasting() {
    await navigator.storage?.persist?.();
  },
  lockedRuns,
});
