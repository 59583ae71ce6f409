import { expect, test } from "vitest";
import { type Batch, type BatchEvent, batchReducer, finishedImages } from "#state/batch.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { batchOf, imageEvent, stepEvent } from "./support.ts";

/** The batch after these events, which must not lose it. */
function after(batch: Batch, ...events: readonly (EngineEvent | BatchEvent)[]): Batch {
  const result = events.reduce<Batch | null>(batchReducer, batch);
  if (!result) throw new Error("the batch is gone");
  return result;
}
const sent = (run: number, job: number): BatchEvent => ({ type: "run-sent", run, job });
const done = (id: number): EngineEvent => ({ type: "done", id, images: 1, ms: 500, tensors: 0 });
const statuses = (batch: Batch) => batch.cells.map((cell) => cell.status);
const preview = (id: number, index: number): EngineEvent => ({
  type: "preview",
  id,
  index,
  t: 0.5,
  width: 1,
  height: 1,
  rgba: new ArrayBuffer(4),
});

test("pictures appear one by one while the others are still waiting", () => {
  const batch = after(
    batchOf({ count: 3 }),
    sent(0, 7),
    stepEvent(7, 1),
    imageEvent(7, 0, 1),
    stepEvent(7, 1, { first: 1 }),
  );
  expect(statuses(batch)).toEqual(["finished", "sampling", "waiting"]);
});

test("steps of a group move all its pictures, and a preview stays while steps go on", () => {
  const batch = after(
    batchOf({ count: 3 }),
    sent(0, 7),
    stepEvent(7, 1, { count: 2 }),
    preview(7, 1),
    stepEvent(7, 2, { count: 2 }),
  );
  expect(batch.cells[0]).toMatchObject({ status: "sampling", step: 2, preview: null });
  expect(batch.cells[1]).toMatchObject({ status: "sampling", step: 2, preview: { width: 1 } });
  expect(batch.cells[2]?.status).toBe("waiting");
});

test("the batch is finished when its last run is", () => {
  const batch = after(batchOf(), sent(0, 7), imageEvent(7, 0, 1), done(7));
  expect(batch.state).toEqual({ status: "finished", ms: 500 });
});

test("three models of two seeds lie row by row, each run in its column", () => {
  const batch = after(
    batchOf({ count: 2, view: "three" }),
    sent(0, 7),
    imageEvent(7, 1, 2, "light"),
    done(7),
    sent(1, 8),
    imageEvent(8, 0, 1, "c2f"),
  );
  expect(statuses(batch)).toEqual(["waiting", "finished", "waiting", "finished", "waiting", "waiting"]);
  expect(batch.state.status).toBe("active");
});

test("a draft shows the light picture in the place without counting as finished", () => {
  const batch = after(batchOf({}, { draft: true }), sent(0, 7), imageEvent(7, 0, 1, "light"), done(7));
  expect(batch.cells[0]).toMatchObject({ status: "waiting", draft: { settings: { model: "light" } } });
  expect(finishedImages(batch)).toEqual([]);
  const refined = after(batch, sent(1, 8), stepEvent(8, 1));
  expect(refined.cells[0]).toMatchObject({ status: "sampling", draft: { settings: { model: "light" } } });
  expect(finishedImages(after(refined, imageEvent(8, 0, 1), done(8)))).toHaveLength(1);
});

test("light pictures can be kept instead of being refined", () => {
  const drafted = after(batchOf({ count: 2 }, { draft: true }), sent(0, 7), imageEvent(7, 0, 1, "light"), {
    type: "cancelled",
    id: 7,
    tensors: 0,
  });
  const kept = after(drafted, { type: "drafts-kept" });
  expect(statuses(kept)).toEqual(["finished", "stopped"]);
  expect(kept.state.status).toBe("finished");
});

test("once the refinement runs, keeping drafts comes too late and changes nothing", () => {
  const running = after(
    batchOf({}, { draft: true }),
    sent(0, 7),
    imageEvent(7, 0, 1, "light"),
    done(7),
    sent(1, 8),
  );
  expect(after(running, { type: "drafts-kept" })).toBe(running);
});

test("cancelling keeps what is finished and stops the rest at once, and late events of the job change nothing", () => {
  const cancelled = after(
    batchOf({ count: 3 }),
    sent(0, 7),
    imageEvent(7, 0, 1),
    stepEvent(7, 3, { first: 1 }),
    { type: "batch-cancelled" },
  );
  expect(statuses(cancelled)).toEqual(["finished", "stopped", "stopped"]);
  expect(
    after(cancelled, stepEvent(7, 4, { first: 1 }), imageEvent(7, 1, 2), {
      type: "cancelled",
      id: 7,
      tensors: 0,
    }),
  ).toBe(cancelled);
});

test("a job that the engine cancels by itself is cancelled on the page", () => {
  expect(after(batchOf(), sent(0, 7), { type: "cancelled", id: 7, tensors: 0 }).state.status).toBe(
    "cancelled",
  );
});

test("a failed job keeps its error and its finished pictures", () => {
  const error = { kind: "OutOfMemory", batch: 4, suggestedBatch: 2 } as const;
  const failed = after(batchOf({ count: 2, view: "three" }), sent(0, 7), imageEvent(7, 0, 1, "light"), {
    type: "failed",
    id: 7,
    error,
    tensors: 0,
  });
  expect(failed.state).toEqual({ status: "failed", error });
  expect(finishedImages(failed)).toHaveLength(1);
  expect(failed.runs.every((run) => run.status === "failed")).toBe(true);
});

test("a job that starts again after a lost device fills the same places", () => {
  const batch = after(
    batchOf({ count: 2 }),
    sent(0, 7),
    imageEvent(7, 0, 1),
    stepEvent(7, 9, { first: 1 }),
    stepEvent(7, 1, { first: 1 }),
    imageEvent(7, 1, 2),
    done(7),
  );
  expect(statuses(batch)).toEqual(["finished", "finished"]);
  expect(batch.state.status).toBe("finished");
});

test("a deleted picture leaves its place and can come back", () => {
  const batch = after(batchOf({ count: 2 }), sent(0, 7), imageEvent(7, 0, 1), imageEvent(7, 1, 2), done(7));
  const [first] = finishedImages(batch);
  if (!first) throw new Error("no picture");
  const removed = after(batch, { type: "image-removed", key: first.key });
  expect(statuses(removed)).toEqual(["removed", "finished"]);
  expect(statuses(after(removed, { type: "image-restored", image: first, cell: 0 }))).toEqual([
    "finished",
    "finished",
  ]);
});

test("without a batch nothing happens", () => {
  expect(batchReducer(null, stepEvent(1, 1))).toBeNull();
});
