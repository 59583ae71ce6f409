import { describe, expect, test, vi } from "vitest";
import { memoryFiles } from "#files/memoryFiles.ts";
import type { RunProgress } from "#runs/run.ts";
import { newRunId } from "#runs/runId.ts";
import { createRuns } from "#runs/runs.ts";
import type { RunState } from "#training/runState.ts";
import { tinyPlan } from "../workers/trainer/support.ts";

const created = { plan: tinyPlan("d1"), baseSha256: ["ab"], createdAt: 5 };
const progress: RunProgress = {
  status: "paused",
  step: 2,
  trainedMs: 12.5,
  microBatch: 3,
  steps: 6,
  curve: [{ step: 1, loss: 0.1 + 0.2, parts: { fm: 1 }, gradientNorm: 2, rate: 1e-3, ms: 4 }],
  looks: [{ step: 0, heldOutLoss: null, similarity: null }],
  model: null,
};
const state: RunState = {
  step: 2,
  seed: 2 ** 53 - 1,
  batch: 4,
  weights: Float32Array.of(1, 2),
  first: Float32Array.of(3, 4),
  second: Float32Array.of(5, 6),
  average: Float32Array.of(7, -0),
};
const picture = { width: 1, height: 2, rgba: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer };

describe("kept runs", () => {
  test("give back plan, progress and state, to another tab too", async () => {
    const files = memoryFiles();
    await createRuns(files).create({ id: "a", ...created });
    await createRuns(files).keep("a", { progress, state });
    const runs = createRuns(files);
    expect(await runs.get("a")).toMatchObject({ id: "a", ...created, progress });
    expect(await runs.checkpoint("a")).toEqual({ progress, state });
  });

  test("keep what an objective must remember", async () => {
    const runs = createRuns(memoryFiles());
    const objective = { x: Float32Array.of(1), at: Int32Array.of(-3) };
    await runs.create({ id: "a", ...created });
    await runs.keep("a", { progress, state: { ...state, objective } });
    expect(await runs.checkpoint("a")).toEqual({ progress, state: { ...state, objective } });
  });

  test("are listed newest first, those without a whole plan left out", async () => {
    const files = memoryFiles();
    const runs = createRuns(files);
    await runs.create({ id: "a", ...created });
    await runs.create({ id: "b", ...created, createdAt: 9 });
    await files.write("c/plan", [Uint8Array.of(1, 2, 3)]);
    expect((await runs.list()).map(({ id, progress: far }) => [id, far])).toEqual([
      ["b", null],
      ["a", null],
    ]);
  });

  test("count what they take, and are gone when removed", async () => {
    const files = memoryFiles();
    const runs = createRuns(files);
    await runs.create({ id: "a", ...created });
    await runs.create({ id: "ab", ...created });
    await runs.keepPictures("a", 2, [picture]);
    const taken = (await files.list("a/")).reduce((sum, { bytes }) => sum + bytes, 0);
    expect((await runs.get("a"))?.bytes).toBe(taken);
    await runs.remove("a");
    expect((await runs.list()).map(({ id }) => id)).toEqual(["ab"]); // of names that begin alike
    expect(await files.list("a/")).toEqual([]);
  });

  test("have their pictures in the order of steps, the base's first", async () => {
    const runs = createRuns(memoryFiles());
    for (const step of [10, "base", 2] as const) await runs.keepPictures("a", step, [picture, picture]);
    expect((await runs.pictures("a")).map(({ step }) => step)).toEqual(["base", 2, 10]);
    expect((await runs.pictures("a"))[0].pictures[1]).toEqual(picture);
  });

  test("tell who listens, until they stop", async () => {
    const runs = createRuns(memoryFiles());
    const listen = vi.fn();
    const stop = runs.onChange(listen);
    await runs.create({ id: "a", ...created });
    expect(listen).toHaveBeenCalledTimes(1);
    stop();
    await runs.remove("a");
    expect(listen).toHaveBeenCalledTimes(1);
  });
});

test("ids of runs sort by age", () => {
  const ids = [1e12, 1.7e12, 1.7e12 + 1].map((now) => newRunId(now, () => 0.5));
  expect([...ids].sort()).toEqual(ids);
  expect(newRunId(5, () => 0.1)).not.toBe(newRunId(5, () => 0.2));
});
