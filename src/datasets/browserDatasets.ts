import { browserFiles } from "#files/browserFiles.ts";
import type { DatasetStore } from "./dataset.ts";
import { browserLocks } from "./importLocks.ts";
import { createDatasetStore } from "./store.ts";

const NAME = "steadyflow-datasets";

/** The data sets of this browser. Nothing is opened before it is first asked for. */
export const browserDatasets = (): DatasetStore =>
  createDatasetStore({
    files: browserFiles(NAME),
    locks: browserLocks(),
    channel: typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME),
  });
