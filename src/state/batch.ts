import type { ModelText } from "#checkpoints/modelText.ts";
import type { ImageSettings } from "#images/settings.ts";
import type { EngineError, EngineEvent, JobId } from "#workers/protocol.ts";
import { type Pixels, pixelsOf } from "./pixels.ts";
import { type GenerateSettings, modelsShown, seedsOf } from "./settings.ts";

/** A picture with everything that made it. */
export interface FinishedImage {
  /** Unique among the pictures of this browser. */
  readonly key: string;
  /** What a PNG of it carries: enough to make it again. */
  readonly settings: ImageSettings;
  readonly pixels: Pixels;
  /** Network passes: two an evaluation when it is guided. */
  readonly passes: number;
  readonly ms: { readonly sample: number; readonly decode: number };
}

/** One place of the grid. A draft is a picture of the same seed by the light model, shown until the real one is there. */
export type Cell =
  | { readonly status: "waiting"; readonly draft: FinishedImage | null }
  | {
      readonly status: "sampling";
      readonly draft: FinishedImage | null;
      readonly preview: Pixels | null;
      readonly step: number;
      readonly of: number;
      readonly t: number;
      readonly served: "light" | "heavy";
    }
  | { readonly status: "finished"; readonly image: FinishedImage }
  | { readonly status: "stopped"; readonly draft: FinishedImage | null; readonly preview: Pixels | null }
  | { readonly status: "removed" };

/** Time that steps have taken, by the network that served them. */
export interface Pace {
  readonly steps: number;
  readonly ms: number;
}

/** One job of the engine: all seeds of the batch with one model. */
export interface Run {
  readonly model: ModelText;
  /** Drawn by the light model while the heavy one is on its way; replaced by the run that follows. */
  readonly draft: boolean;
  readonly status: "pending" | "running" | "finished" | "cancelled" | "failed";
  readonly job: JobId | null;
}

/** Why a batch exists decides what is done without being asked. */
export type BatchOrigin = "first-visit" | "link" | "request";

export type BatchStatus =
  | { readonly status: "active" }
  | { readonly status: "finished"; readonly ms: number }
  | { readonly status: "cancelled" }
  | { readonly status: "failed"; readonly error: EngineError };

export interface Batch {
  /** Unique among all batches of this browser. */
  readonly id: string;
  readonly origin: BatchOrigin;
  readonly settings: GenerateSettings;
  /** Columns of the grid. */
  readonly models: readonly ModelText[];
  readonly seeds: readonly number[];
  readonly classNames: readonly string[];
  readonly labels: readonly number[];
  /** Row by row: cell of seed k and column c is k · columns + c. */
  readonly cells: readonly Cell[];
  readonly runs: readonly Run[];
  /** Images sampled side by side, when the engine's own choice ran out of memory. */
  readonly sideBySide: number | null;
  readonly pace: { readonly light: Pace; readonly heavy: Pace };
  /** Wall time of the jobs that are done. */
  readonly ms: number;
  /** Images sampled side by side in the step seen last. */
  readonly group: number;
  readonly state: BatchStatus;
}

export type BatchEvent =
  | { readonly type: "batch-started"; readonly batch: Batch }
  | { readonly type: "run-sent"; readonly run: number; readonly job: JobId }
  | { readonly type: "draft-skipped"; readonly run: number }
  | { readonly type: "batch-cancelled" }
  /** The light pictures are to stay: what would have replaced them is not drawn. */
  | { readonly type: "drafts-kept" }
  | { readonly type: "image-removed"; readonly key: string }
  | { readonly type: "image-restored"; readonly image: FinishedImage; readonly cell: number };

const NO_PACE: Batch["pace"] = { light: { steps: 0, ms: 0 }, heavy: { steps: 0, ms: 0 } };

/** A batch with every cell waiting. classOfSeed: one entry a seed of the batch; draft: begin with the light model,
 *  because heavy is not there yet. */
export function createBatch(
  id: string,
  origin: BatchOrigin,
  settings: GenerateSettings,
  classOfSeed: readonly { readonly label: number; readonly name: string }[],
  draft: boolean,
  sideBySide: number | null = null,
): Batch {
  const seeds = seedsOf(settings);
  const models = modelsShown(settings);
  const run = (model: ModelText, isDraft: boolean): Run => ({
    model,
    draft: isDraft,
    status: "pending",
    job: null,
  });
  return {
    id,
    origin,
    settings,
    models,
    seeds,
    labels: classOfSeed.map((one) => one.label),
    classNames: classOfSeed.map((one) => one.name),
    cells: seeds.flatMap(() => models.map((): Cell => ({ status: "waiting", draft: null }))),
    runs: [...(draft ? [run("light", true)] : []), ...models.map((model) => run(model, false))],
    sideBySide,
    pace: NO_PACE,
    ms: 0,
    group: 1,
    state: { status: "active" },
  };
}

/** Cells that a run draws into, in the order of its images. A draft fills every cell of the one column there is. */
export function cellOf(batch: Batch, run: Run, index: number): number {
  const column = run.draft ? 0 : batch.models.indexOf(run.model);
  return index * batch.models.length + column;
}

const runningJob = (batch: Batch, job: JobId): Run | undefined =>
  batch.runs.find((run) => run.job === job && run.status === "running");

const withCell = (batch: Batch, at: number, change: (cell: Cell) => Cell): Batch => ({
  ...batch,
  cells: batch.cells.map((cell, i) => (i === at ? change(cell) : cell)),
});

const withRun = (batch: Batch, wanted: (run: Run, i: number) => boolean, change: Partial<Run>): Batch => ({
  ...batch,
  runs: batch.runs.map((run, i) => (wanted(run, i) ? { ...run, ...change } : run)),
});

const draftOf = (cell: Cell): FinishedImage | null =>
  cell.status === "waiting" || cell.status === "sampling" || cell.status === "stopped" ? cell.draft : null;

const previewOf = (cell: Cell): Pixels | null =>
  cell.status === "sampling" || cell.status === "stopped" ? cell.preview : null;

const stop = (batch: Batch): readonly Cell[] =>
  batch.cells.map((cell) =>
    cell.status === "waiting" || cell.status === "sampling"
      ? { status: "stopped", draft: cell.draft, preview: previewOf(cell) }
      : cell,
  );

/** Closes the batch when its last run has. */
function closeIfDone(batch: Batch): Batch {
  if (batch.runs.some((run) => run.status === "pending" || run.status === "running")) return batch;
  return { ...batch, state: { status: "finished", ms: batch.ms } };
}

function onStep(batch: Batch, event: Extract<EngineEvent, { type: "step" }>): Batch {
  const run = runningJob(batch, event.id);
  if (!run) return batch;
  const { first, count, step, of, t, served, stepMs } = event;
  const touched = new Set(Array.from({ length: count }, (_, i) => cellOf(batch, run, first + i)));
  const cells = batch.cells.map((cell, i): Cell => {
    if (!touched.has(i) || cell.status === "removed" || cell.status === "finished") return cell;
    return { status: "sampling", draft: draftOf(cell), preview: previewOf(cell), step, of, t, served };
  });
  const pace = batch.pace[served];
  return {
    ...batch,
    cells,
    group: count,
    pace: { ...batch.pace, [served]: { steps: pace.steps + 1, ms: pace.ms + stepMs } },
  };
}

function onImage(batch: Batch, event: Extract<EngineEvent, { type: "image" }>): Batch {
  const run = runningJob(batch, event.id);
  if (!run) return batch;
  const { settings, passes, ms, index } = event;
  const image: FinishedImage = {
    key: `${batch.id}-${event.id}-${index}`,
    settings,
    passes,
    ms,
    pixels: pixelsOf(event),
  };
  return withCell(batch, cellOf(batch, run, index), (cell) => {
    if (cell.status === "removed") return cell;
    return run.draft ? { status: "waiting", draft: image } : { status: "finished", image };
  });
}

/** Pure; events of other jobs pass through. A job that the engine starts again after a lost device just repeats its
 *  steps and images, and they land in the same cells. */
export function batchReducer(batch: Batch | null, event: EngineEvent | BatchEvent): Batch | null {
  if (event.type === "batch-started") return event.batch;
  if (!batch) return null;
  switch (event.type) {
    case "run-sent":
      return withRun(batch, (_, i) => i === event.run, { status: "running", job: event.job });
    case "draft-skipped":
      return withRun(batch, (_, i) => i === event.run, { status: "cancelled" });
    case "batch-cancelled":
      if (batch.state.status !== "active") return batch;
      return {
        ...batch,
        cells: stop(batch),
        runs: batch.runs.map((run) =>
          run.status === "pending" || run.status === "running" ? { ...run, status: "cancelled" } : run,
        ),
        state: { status: "cancelled" },
      };
    case "drafts-kept": {
      if (batch.state.status !== "active" || batch.runs.some((run) => run.status === "running")) return batch;
      const runs = batch.runs.map(
        (run): Run => (run.status === "pending" ? { ...run, status: "cancelled" } : run),
      );
      const keep = (cell: Cell): Cell =>
        cell.status === "waiting" && cell.draft ? { status: "finished", image: cell.draft } : cell;
      const kept = { ...batch, runs, cells: batch.cells.map(keep) };
      return { ...kept, cells: stop(kept), state: { status: "finished", ms: batch.ms } };
    }
    case "image-removed":
      return {
        ...batch,
        cells: batch.cells.map((cell) =>
          cell.status === "finished" && cell.image.key === event.key ? { status: "removed" } : cell,
        ),
      };
    case "image-restored":
      return withCell(batch, event.cell, () => ({ status: "finished", image: event.image }));
    case "step":
      return onStep(batch, event);
    case "preview": {
      const run = runningJob(batch, event.id);
      if (!run) return batch;
      const preview = pixelsOf(event);
      return withCell(batch, cellOf(batch, run, event.index), (cell) =>
        cell.status === "sampling" ? { ...cell, preview, t: event.t } : cell,
      );
    }
    case "image":
      return onImage(batch, event);
    case "done":
      if (!runningJob(batch, event.id)) return batch;
      return closeIfDone({
        ...withRun(batch, (run) => run.job === event.id, { status: "finished" }),
        ms: batch.ms + event.ms,
      });
    case "cancelled": {
      const run = runningJob(batch, event.id);
      if (!run) return batch;
      if (run.draft) return closeIfDone(withRun(batch, (one) => one === run, { status: "cancelled" }));
      return batchReducer(batch, { type: "batch-cancelled" });
    }
    case "failed": {
      const run = runningJob(batch, event.id);
      if (!run) return batch;
      return {
        ...batch,
        cells: stop(batch),
        runs: batch.runs.map((one) =>
          one.status === "pending" || one.status === "running" ? { ...one, status: "failed" } : one,
        ),
        state: { status: "failed", error: event.error },
      };
    }
    case "state":
    case "backend":
    case "manifest":
    case "download":
    case "loaded":
    case "recorded":
    case "integrated":
    case "decoded":
    case "described":
    case "warning":
      return batch;
    default:
      return event satisfies never;
  }
}

/** Finished pictures of the grid, in its order. */
export const finishedImages = (batch: Batch | null): readonly FinishedImage[] =>
  (batch?.cells ?? []).flatMap((cell) => (cell.status === "finished" ? [cell.image] : []));
