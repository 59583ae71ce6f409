/** One job of the trainer in a process of its own, whose memory is measured from outside: `trainerChild.ts light|lightLora
 *  estimate|train`. Sends what it found to the parent. */
import { pathToFileURL } from "node:url";
import { enableProdMode } from "@tensorflow/tfjs-core";
import { createDatasetStore } from "#datasets/store.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import type { RunPlan } from "#runs/run.ts";
import { createRuns } from "#runs/runs.ts";
import { DEFAULT_TRAIN_OPTIONS } from "#training/trainOptions.ts";
import { createTrainer } from "#workers/trainer/trainer.ts";
import type { TrainerEvent, TrainingEstimate } from "#workers/trainerProtocol.ts";
import { wasmMemory } from "#workers/wasmMemory.ts";
import { fileManifest, filesBeside } from "../cli/fileSource.ts";
import { nodeBackends } from "../cli/nodeBackends.ts";
import { filled, memoryLocks } from "../test/datasets/support.ts";
import { memoryLocalModels } from "../test/library/memoryLocalModels.ts";

/** What a process found. */
export interface TrainerMemory {
  readonly estimate: TrainingEstimate | null;
  /** Growth of the whole process from before the job to its largest. */
  readonly peakBytes: number;
  /** WebAssembly's memory after the job, which is its largest. */
  readonly heapBytes: number;
}

const PICTURES = 48;
const [way, job] = process.argv.slice(2);

enableProdMode();
const datasets = createDatasetStore({ files: memoryFiles(), locks: memoryLocks() });
const { id: dataset } = await filled(datasets, PICTURES, 64);
let onClosing: (event: TrainerEvent) => void = () => {};
const trainer = createTrainer({
  backends: nodeBackends,
  fetchManifest: fileManifest,
  fetchFiles: filesBeside,
  stores: {
    datasets,
    // A disk, as far as this process's memory goes.
    runs: createRuns({ ...memoryFiles(), write: async () => {} }),
    models: { ...memoryLocalModels(), put: async () => {} },
    locks: { hold: async () => () => {} },
    room: async () => null,
  },
  post(event) {
    if (["encoded", "estimated", "finished", "failed"].includes(event.type)) onClosing(event);
  },
  now: () => performance.now(),
  today: Date.now,
  app: "bench",
});
const plan: RunPlan = {
  name: "bench",
  dataset,
  family: "avatars-64",
  base: { kind: "model", model: "light" },
  target: "light",
  mode: way === "lightLora" ? { kind: "lora", rank: 8, alpha: 8 } : { kind: "full" },
  objective: { kind: "fm" },
  classes: ["a", "b"].map((name) => ({ kind: "new", name })),
  selection: {
    kept: Uint32Array.from({ length: PICTURES - 8 }, (_, i) => i),
    heldOut: Uint32Array.from({ length: 8 }, (_, i) => PICTURES - 8 + i),
    how: "all",
  },
  options: DEFAULT_TRAIN_OPTIONS,
  steps: 6,
  watch: {
    every: 3,
    pictures: [1, 2, 3, 4].map((seed) => ({ seed, label: 8 + (seed % 2) })),
    drawing: { steps: 8, guidance: 1.5 },
  },
};
const closing = (send: () => void) =>
  new Promise<TrainerEvent>((resolve) => {
    onClosing = resolve;
    send();
  });

const manifestUrl = pathToFileURL(new URL("../public/models/manifest.json", import.meta.url).pathname).href;
trainer.handle({ type: "start", backend: "wasm", manifestUrl, faults: false });
await trainer.idle();
const before = process.memoryUsage().rss;
await closing(() => trainer.handle({ type: "encode", id: 1, job: { dataset, family: plan.family } })); // as on the page
const ended = await closing(() =>
  job === "estimate"
    ? trainer.handle({ type: "estimate", id: 2, job: { plan } })
    : trainer.handle({ type: "train", id: 2, job: { kind: "new", run: "bench", plan } }),
);
if (ended.type === "failed") throw new Error(JSON.stringify(ended.error));
const found: TrainerMemory = {
  estimate: ended.type === "estimated" ? ended.estimate : null,
  peakBytes: process.resourceUsage().maxRSS * 1024 - before,
  heapBytes: wasmMemory()?.HEAPU8.length ?? 0,
};
process.send?.(found, () => process.exit(0));
