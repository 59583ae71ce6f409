import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunPlan } from "#runs/run.ts";
import { useBackend } from "../../models/support/backends.ts";
import { openBrowser, openTab, tinyPlan } from "./support.ts";

async function estimate(changes: Partial<RunPlan> = {}) {
  const browser = await openBrowser();
  const tab = await openTab(browser, { backend: "wasm" });
  await tab.trainer.idle();
  const before = memory().numTensors;
  const end = await tab.serve({ type: "estimate", id: 1, job: { plan: tinyPlan("nothing yet", changes) } });
  expect(memory().numTensors).toBe(before);
  if (end.type !== "estimated") throw new Error(JSON.stringify(end));
  return end.estimate;
}

describe("an estimate of a training", () => {
  beforeAll(() => useBackend("wasm"));

  test.each<[string, Partial<RunPlan>]>([
    ["of all weights", {}],
    ["of low-rank matrices", { mode: { kind: "lora", rank: 2, alpha: 2 } }],
    ["with the paper's loss", { objective: { kind: "c2f", teacher: "heavy", tau: 0.6 } }],
    ["by distillation", { objective: { kind: "distil", teacher: "heavy", tMax: 1 } }],
  ])("%s needs no data set and leaves no tensor", async (_, changes) => {
    const { stepMs, totalMs, deviceBytes, trials } = await estimate(changes);
    expect(trials).toBe(3);
    expect(stepMs).toBeGreaterThan(0);
    expect(totalMs).toBeGreaterThan(6 * stepMs);
    expect(deviceBytes).toBeGreaterThan(10_000);
  });

  test("counts what is trained, and what storage it takes", async () => {
    const full = await estimate();
    const lora = await estimate({ mode: { kind: "lora", rank: 2, alpha: 2 } });
    expect(full.parameters.trained).toBeGreaterThan(lora.parameters.trained);
    expect(full.parameters.all).toBe(lora.parameters.all);
    expect(full.storageBytes).toBeGreaterThan(lora.storageBytes);
    expect(full.storageFree).toBe(1e9);
  });

  test("of a plan that cannot be trained is refused by name", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, { backend: "wasm" });
    const plan = tinyPlan("", { base: { kind: "model", model: "none" } });
    const end = await tab.serve({ type: "estimate", id: 1, job: { plan } });
    expect(end).toMatchObject({ type: "failed", error: { kind: "ModelMissing", known: expect.any(Array) } });
  });

  test("that runs out of memory offers half of the samples at once", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, { backend: "wasm" });
    await tab.trainer.idle();
    const before = memory().numTensors;
    tab.trainer.handle({ type: "fault", fault: "next-allocation-fails" });
    const end = await tab.serve({ type: "estimate", id: 1, job: { plan: tinyPlan("") } });
    expect(end).toMatchObject({
      type: "failed",
      error: { kind: "TrainingOutOfMemory", suggestedMicroBatch: 1 },
    });
    expect(memory().numTensors).toBe(before);
    // The profiler is off again: another estimate does not count the first one's kernels.
    const again = await tab.serve({ type: "estimate", id: 2, job: { plan: tinyPlan("") } });
    expect(again.type).toBe("estimated");
  });
});
