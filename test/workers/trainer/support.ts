import { createDatasetStore } from "#datasets/store.ts";
import type { ByteFiles } from "#files/byteFiles.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import type { RunPlan } from "#runs/run.ts";
import { createRuns } from "#runs/runs.ts";
import { DEFAULT_TRAIN_OPTIONS } from "#training/trainOptions.ts";
import type { BackendSource } from "#workers/backends.ts";
import { EngineFailure } from "#workers/errors.ts";
import type { JobId } from "#workers/protocol.ts";
import type { Locks } from "#workers/trainer/locks.ts";
import { createTrainer } from "#workers/trainer/trainer.ts";
import type { TrainerEvent, TrainerRequest } from "#workers/trainerProtocol.ts";
import { filled, memoryLocks } from "../../datasets/support.ts";
import { tinyFamily } from "../../fixtures/tinyFamily.ts";
import { memoryLocalModels } from "../../library/memoryLocalModels.ts";
import { NO_GPU, scriptedBackends } from "../testEngine.ts";

/** Pictures of the data set that tests train on, by turns of class a and b. */
export const PICTURES = 14;

/** Everything of a browser that outlives a tab. */
export interface Browser {
  readonly files: ByteFiles;
  readonly datasets: ReturnType<typeof createDatasetStore>;
  readonly models: ReturnType<typeof memoryLocalModels>;
  readonly locks: Set<string>;
  readonly dataset: string;
}

/** A browser with one data set of pictures in two classes, 14 by default. */
export async function openBrowser(imageSize: 8 | 16 = 8, pictures = PICTURES): Promise<Browser> {
  const datasets = createDatasetStore({ files: memoryFiles(), locks: memoryLocks() });
  const { id } = await filled(datasets, pictures, imageSize);
  return { files: memoryFiles(), datasets, models: memoryLocalModels(), locks: new Set(), dataset: id };
}

export interface TabOptions {
  readonly backend?: "cpu" | "wasm" | "webgpu";
  /** Other than those of Node, whose device the test takes away. */
  readonly backends?: BackendSource;
  /** What stands between the tab and the browser's files. */
  readonly through?: (files: ByteFiles) => ByteFiles;
  /** Milliseconds that the clock goes on at each look at it, beside the real ones. */
  readonly tick?: number;
  /** Whether the embedding network can be downloaded. */
  readonly embedding?: boolean;
  /** Whether the page says `start`. */
  readonly started?: boolean;
}

/** A tab: a trainer over a browser's stores, with its events written down. */
export async function openTab(browser: Browser, options: TabOptions = {}) {
  const { backend = "cpu", through = (files) => files, tick = 0, embedding = true, started = true } = options;
  const { manifest, files } = await tinyFamily();
  const scripted = scriptedBackends(NO_GPU, backend === "webgpu" ? "cpu" : backend);
  const events: TrainerEvent[] = [];
  const watchers: ((event: TrainerEvent) => void)[] = [];
  const held = new Set<string>();
  let [dead, ticks] = [false, 0];
  /** Nothing that a dead tab asks for is ever answered. */
  const alive = <T>(value: Promise<T>): Promise<T> => (dead ? new Promise<T>(() => {}) : value);
  const own = through(browser.files);
  const guarded: ByteFiles = {
    write: (name, parts) =>
      (dead ? alive(Promise.resolve()) : own.write(name, parts)).then(() => alive(Promise.resolve())),
    read: (name, from, to) => alive(own.read(name, from, to)),
    list: (prefix) => alive(own.list(prefix)),
    remove: (prefix) => alive(own.remove(prefix)),
  };
  const locks: Locks = {
    async hold(name) {
      if (dead) return new Promise(() => {});
      if (browser.locks.has(name)) return null;
      browser.locks.add(name);
      held.add(name);
      return () => {
        if (held.delete(name)) browser.locks.delete(name);
      };
    },
  };
  const trainer = createTrainer({
    backends: options.backends ?? scripted.backends,
    fetchManifest: async () => manifest,
    fetchFiles: () => async (entries, onProgress) =>
      entries.map(({ file, bytes }) => {
        const content = file.includes("embedding") && !embedding ? undefined : files.get(file);
        if (!content)
          throw new EngineFailure({
            kind: "DownloadFailed",
            file,
            httpStatus: 404,
            loadedBytes: 0,
            totalBytes: bytes,
            detail: "not found",
          });
        onProgress(bytes, bytes, false);
        return content;
      }),
    stores: {
      datasets: browser.datasets,
      runs: createRuns(guarded),
      models: browser.models,
      locks,
      room: async () => 1e9,
    },
    post: (event, transfer = []) => {
      if (dead) return;
      const received = structuredClone(event, { transfer });
      events.push(received);
      for (const watch of watchers) watch(received);
    },
    now: () => performance.now() + tick * ticks++,
    today: () => 1_700_000_000_000,
    app: "steadyflow test",
  });
  if (started) trainer.handle({ type: "start", backend, manifestUrl: "models/manifest.json", faults: true });
  const of = <T extends TrainerEvent["type"]>(type: T) =>
    events.filter((event): event is Extract<TrainerEvent, { type: T }> => event.type === type);
  return {
    trainer,
    events,
    of,
    lose: scripted.lose,
    opened: scripted.opened,
    /** Calls `react` with every event from now on. */
    watch: (react: (event: TrainerEvent) => void) => void watchers.push(react),
    /** Sends a request, waits until all is served and gives the event that closes it. */
    async serve(request: Extract<TrainerRequest, { job: unknown }>) {
      trainer.handle(request);
      await trainer.idle();
      return closing(events, request.id);
    },
    /** The tab is gone from one moment to the next: nothing more is written, its locks are free. */
    kill() {
      dead = true;
      for (const name of held) browser.locks.delete(name);
      held.clear();
      for (let id = 0; id < 100; id++) trainer.handle({ type: "cancel", id }); // frees the processor, writes nothing
    },
  };
}

const CLOSING = [
  "encoded",
  "scored",
  "selected",
  "estimated",
  "sampled",
  "exported",
  "finished",
  "paused",
  "cancelled",
  "failed",
] as const;
type Closing = Extract<TrainerEvent, { type: (typeof CLOSING)[number] }>;

export function closing(events: readonly TrainerEvent[], id: JobId): Closing {
  const found = events.filter((event): event is Closing => CLOSING.some((type) => type === event.type));
  const own = found.filter((event) => event.id === id);
  if (own.length !== 1) throw new Error(`${own.length} closing events of ${id}: ${JSON.stringify(own)}`);
  return own[0];
}

/** A run of six steps on ten of the pictures, class a as a new class, b as the family's "two". */
export const tinyPlan = (dataset: string, changes: Partial<RunPlan> = {}): RunPlan => ({
  name: "My pictures",
  dataset,
  family: "tiny",
  base: { kind: "model", model: "light" },
  target: "light",
  mode: { kind: "full" },
  objective: { kind: "fm" },
  classes: [
    { kind: "new", name: "mine" },
    { kind: "known", label: 1 },
  ],
  selection: {
    kept: Uint32Array.of(0, 1, 2, 3, 4, 5, 7, 8, 10, 11),
    heldOut: Uint32Array.of(6, 9),
    how: "all but some",
  },
  options: { ...DEFAULT_TRAIN_OPTIONS, seed: 3, batch: 4, microBatch: 3, learningRate: 1e-2, warmupSteps: 2 },
  steps: 6,
  watch: {
    every: 2,
    pictures: [1, 2, 3, 4].map((seed) => ({ seed, label: seed % 2 ? 2 : 1 })),
    drawing: { steps: 4, guidance: 1.5 },
  },
  ...changes,
});
