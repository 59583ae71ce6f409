/** The library worker's entry: wires `createLibraryServer` to the wire, the store and the cache. No tensor library is loaded
 *  here. */
import { createWeightStore } from "#checkpoints/store.ts";
import { openLocalModels } from "#library/indexedLocalModels.ts";
import { EngineFailure } from "./errors.ts";
import { createLibraryServer } from "./library.ts";
import type { LibraryReply, LibraryRequest } from "./libraryProtocol.ts";

declare const self: DedicatedWorkerGlobalScope;

const server = createLibraryServer({
  models: openLocalModels(),
  fetchFiles(manifestUrl) {
    const caches = "caches" in self ? self.caches : undefined; // absent on plain http
    const store = createWeightStore({ fetch: (url, init) => fetch(url, init), caches, manifestUrl });
    return async (files, onProgress, signal) => {
      const loaded = await store.load(files, { onProgress, signal });
      if (loaded.ok) return [...loaded.value.files]; // what could not be cached is said when it is drawn with
      if (loaded.error.kind === "Aborted") throw signal.reason;
      throw new EngineFailure(loaded.error);
    };
  },
  post: (reply: LibraryReply) => self.postMessage(reply),
});
self.onmessage = (message: MessageEvent<LibraryRequest>) => server.handle(message.data);
