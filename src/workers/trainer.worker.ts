/** The trainer worker's entry: wires the trainer to the wire, the network and the browser's stores. Nothing is decided here. */
import { enableProdMode } from "@tensorflow/tfjs-core";
import { browserDatasets } from "#datasets/browserDatasets.ts";
import { openLocalModels } from "#library/indexedLocalModels.ts";
import { browserRuns } from "#runs/browserRuns.ts";
import { browserBackends } from "./browserBackends.ts";
import { networkFiles, networkManifest } from "./networkSource.ts";
import { webLocks } from "./trainer/locks.ts";
import { createTrainer } from "./trainer/trainer.ts";
import type { TrainerEvent, TrainerRequest } from "./trainerProtocol.ts";

declare const self: DedicatedWorkerGlobalScope;
declare const __APP_VERSION__: string;

enableProdMode(); // no advertisements in the console
const network = {
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  caches: "caches" in self ? self.caches : undefined, // absent on plain http
};
const trainer = createTrainer({
  backends: browserBackends,
  fetchManifest: (url) => networkManifest(network, url),
  fetchFiles: networkFiles(network, () => {}), // a file that was not cached is fetched again, and used all the same
  stores: {
    datasets: browserDatasets(),
    runs: browserRuns(),
    models: openLocalModels(),
    locks: webLocks("locks" in navigator ? navigator.locks : undefined),
    async room() {
      const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
      return quota === undefined || usage === undefined ? null : quota - usage;
    },
  },
  post: (event: TrainerEvent, transfer: Transferable[] = []) => self.postMessage(event, transfer),
  now: () => performance.now(),
  today: () => Date.now(),
  app: `steadyflow ${__APP_VERSION__}`,
});
self.onmessage = (message: MessageEvent<TrainerRequest>) => trainer.handle(message.data);
