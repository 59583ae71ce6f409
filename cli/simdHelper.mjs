// @ts-check
/** A helper in Node's kind of thread, as the browser's src/workers/simd.worker.ts is in its own. */
import { parentPort } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { createHelper } = await import("../src/simd/serveJobs.ts");
parentPort?.on("message", createHelper());
