/** The worker's entry: wires the engine to the wire, the network and the cache. Nothing is decided here. */
import { enableProdMode } from "@tensorflow/tfjs-core";
import { openLocalModels } from "#library/indexedLocalModels.ts";
import { browserBackends } from "./browserBackends.ts";
import { createEngine } from "./engine.ts";
import { networkFiles, networkManifest } from "./networkSource.ts";
import type { EngineEvent, EngineRequest } from "./protocol.ts";

declare const self: DedicatedWorkerGlobalScope;
declare const __APP_VERSION__: string;

enableProdMode(); // no advertisements in the console
const network = {
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  caches: "caches" in self ? self.caches : undefined, // absent on plain http
};
const post = (event: EngineEvent, transfer: Transferable[] = []) => self.postMessage(event, transfer);
const engine = createEngine({
  backends: browserBackends,
  fetchManifest: (url) => networkManifest(network, url),
  fetchFiles: networkFiles(network, (warning) => post({ type: "warning", warning })),
  localModels: openLocalModels(),
  post,
  now: () => performance.now(),
  app: `steadyflow ${__APP_VERSION__}`,
});
self.onmessage = (message: MessageEvent<EngineRequest>) => engine.handle(message.data);
