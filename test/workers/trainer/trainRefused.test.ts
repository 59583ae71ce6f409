import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunPlan } from "#runs/run.ts";
import { createRuns } from "#runs/runs.ts";
import { useBackend } from "../../models/support/backends.ts";
import { openBrowser, openTab, tinyPlan } from "./support.ts";
import { newRun, resume, WASM } from "./tinyRun.ts";

describe("a training run", () => {
  beforeAll(() => useBackend("wasm"));

  test.each<[string, (plan: RunPlan) => RunPlan, object]>([
    [
      "a data set that is gone",
      (plan) => ({ ...plan, dataset: "gone" }),
      { kind: "DatasetMissing", dataset: "gone" },
    ],
    [
      "a model that there is not",
      (plan) => ({ ...plan, base: { kind: "model", model: "none" } }),
      { kind: "ModelMissing" },
    ],
    [
      "a U-Net",
      (plan) => ({ ...plan, base: { kind: "model", model: "round" } }),
      { kind: "NotTrainable", architecture: "unet" },
    ],
    [
      "a class too few",
      (plan) => ({ ...plan, classes: plan.classes.slice(1) }),
      { kind: "InvalidJob", field: "classes" },
    ],
    [
      "a new class with a known name",
      (plan) => ({ ...plan, classes: [{ kind: "new", name: "one" }, plan.classes[1]] }),
      { kind: "InvalidJob", field: "classes" },
    ],
    [
      "a picture that there is not",
      (plan) => ({ ...plan, selection: { ...plan.selection, kept: Uint32Array.of(14) } }),
      { kind: "InvalidJob", field: "selection" },
    ],
    [
      "held-out pictures that are trained on",
      (plan) => ({ ...plan, selection: { ...plan.selection, heldOut: Uint32Array.of(3) } }),
      { kind: "InvalidJob", field: "selection" },
    ],
    [
      "no pictures",
      (plan) => ({ ...plan, selection: { ...plan.selection, kept: new Uint32Array() } }),
      { kind: "Training", problem: { kind: "NoSamples" } },
    ],
    ["no step", (plan) => ({ ...plan, steps: 0 }), { kind: "InvalidJob", field: "steps" }],
    [
      "a teacher in other latents",
      (plan) => ({ ...plan, objective: { kind: "distil", teacher: "foreign", tMax: 1 } }),
      { kind: "InvalidJob", field: "objective" },
    ],
    [
      "a heavy model with a teacher",
      (plan) => ({ ...plan, target: "heavy", objective: { kind: "distil", teacher: "heavy", tMax: 1 } }),
      { kind: "InvalidJob", field: "objective" },
    ],
    [
      "a label beyond the network's",
      (plan) => ({ ...plan, watch: { ...plan.watch, pictures: [{ seed: 1, label: 3 }] } }),
      { kind: "InvalidJob", field: "label" },
    ],
    [
      "a learning rate below 0",
      (plan) => ({ ...plan, options: { ...plan.options, learningRate: -1 } }),
      { kind: "Training", problem: { kind: "BadOption" } },
    ],
  ])("of %s is refused by name, leaves no tensor and no lock", async (_, change, error) => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const before = memory().numTensors;
    const end = await tab.serve(newRun(change(tinyPlan(browser.dataset))));
    expect(end).toMatchObject({ type: "failed", error });
    expect(memory().numTensors).toBe(before);
    expect(browser.locks.size).toBe(0);
  });

  test("that began with an own model is not resumed when that is gone", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const end = await tab.serve(newRun(tinyPlan(browser.dataset)));
    if (end.type !== "finished") throw new Error(JSON.stringify(end));
    const own = tinyPlan(browser.dataset, {
      base: { kind: "model", model: end.model.id },
      classes: [
        { kind: "known", label: 2 },
        { kind: "known", label: 1 },
      ],
    });
    expect(
      await tab.serve({ type: "train", id: 2, job: { kind: "new", run: "r2", plan: own } }),
    ).toMatchObject({ type: "finished", model: { classes: ["mine"] } });
    const again = {
      type: "train",
      id: 3,
      job: { kind: "resume", run: "r2", microBatch: null, steps: 8 },
    } as const;
    await browser.models.remove(end.model.id);
    expect(await tab.serve(again)).toMatchObject({ type: "failed", error: { kind: "ModelMissing" } });
  });

  test("whose base has other weights now is not resumed", async () => {
    const browser = await openBrowser();
    const record = {
      id: "r1",
      plan: tinyPlan(browser.dataset),
      baseSha256: ["of an earlier release"],
      createdAt: 1,
    };
    await createRuns(browser.files).create(record);
    const tab = await openTab(browser, WASM);
    expect(await tab.serve(resume(1))).toMatchObject({
      type: "failed",
      error: { kind: "BaseChanged", model: "light" },
    });
  });
});
