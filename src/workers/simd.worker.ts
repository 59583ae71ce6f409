/** A helper of the CPU kernels: takes shares of the engine's work. Nothing is decided here. */
import type { HelperMessage } from "#simd/pool.ts";
import { createHelper } from "#simd/serveJobs.ts";

declare const self: DedicatedWorkerGlobalScope;

const handle = createHelper();
self.onmessage = (message: MessageEvent<HelperMessage>) => handle(message.data);
