import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { LocalModel } from "#library/localModel.ts";
import { modelCard } from "#library/modelCard.ts";
import type { RunPlan } from "#runs/run.ts";
import { createRuns } from "#runs/runs.ts";
import { filled } from "../../datasets/support.ts";
import { useBackend } from "../../models/support/backends.ts";
import { openBrowser, openTab, PICTURES, tinyPlan } from "./support.ts";
import { newRun, WASM, WAYS } from "./tinyRun.ts";

describe("a training run in the trainer", () => {
  beforeAll(() => useBackend("wasm"));

  test.each(WAYS)(
    "%s goes from pictures to a model of the library, and leaves no tensor",
    async (_, changes) => {
      const browser = await openBrowser();
      const tab = await openTab(browser, WASM);
      await tab.trainer.idle();
      const before = memory().numTensors;
      const end = await tab.serve(newRun(tinyPlan(browser.dataset, changes)));
      expect(end).toMatchObject({ type: "finished", run: "r1", step: 6, notKept: null, tensors: before });
      expect(memory().numTensors).toBe(before);
      expect(tab.of("began")).toMatchObject([{ step: 0, of: 6, classes: ["one", "two", "mine"] }]);
      expect(tab.of("step").map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(tab.of("look").map(({ step }) => step)).toEqual([0, 2, 4, 6]);
      const [model] = await browser.models.list();
      expect(model).toMatchObject({
        name: "My pictures",
        kind: "fine-tuned",
        classes: ["mine"],
        family: "tiny",
      });
      const [run] = await createRuns(browser.files).list();
      expect(run).toMatchObject({ id: "r1", progress: { status: "finished", step: 6, model: model.id } });
      expect(run.progress?.curve).toHaveLength(6);
    },
  );

  test("a model tuned on a drawn style credits its artist; one on the reader's own pictures names no licence for them", async () => {
    const browser = await openBrowser();
    const drawn = await filled(browser.datasets, PICTURES, 8, {
      source: "drawn",
      classNames: ["bigEars", "b"],
    });
    const tab = await openTab(browser, WASM);
    const models: LocalModel[] = [];
    for (const [at, dataset] of [browser.dataset, drawn.id].entries()) {
      const plan = tinyPlan(dataset, {
        steps: 1,
        watch: { every: 0, pictures: [], drawing: { steps: 2, guidance: 1 } },
      });
      const end = await tab.serve({ type: "train", id: at, job: { kind: "new", run: `r${at}`, plan } });
      if (end.type !== "finished") throw new Error(JSON.stringify(end));
      models.push(end.model);
    }
    expect(models[0].licence).toMatch(/, and that of the pictures$/);
    expect(models[1].licence).toContain(
      "Face Generator by The Visual Team, CC BY 4.0, https://thevisual.team/",
    );
    expect(modelCard(models[1], "")).toContain("The Visual Team");
  });

  test("shows the base's pictures first, then its own, which drift away from them", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    await tab.serve(newRun(tinyPlan(browser.dataset)));
    const shown = tab.of("pictures").map(({ step, base, pictures }) => [step, base, pictures.length]);
    expect(shown).toEqual([
      [0, true, 4],
      [2, false, 4],
      [4, false, 4],
      [6, false, 4],
    ]);
    const kept = await createRuns(browser.files).pictures("r1");
    expect(kept.map(({ step }) => step)).toEqual(["base", 2, 4, 6]);
    const [start, first, , last] = tab.of("look");
    expect(start).toMatchObject({ similarity: null, heldOutLoss: expect.any(Number) });
    expect(first.similarity?.of).toBe("embedding");
    expect(last.similarity?.s.value).toBeLessThan(first.similarity?.s.value ?? 0);
  });

  test("compares latents, and says so, where the embedding network cannot be had", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, { ...WASM, embedding: false });
    await tab.serve(newRun(tinyPlan(browser.dataset)));
    expect(tab.of("look").at(-1)?.similarity?.of).toBe("latent");
  });

  test("draws pictures between its steps, as it is then, and by its last checkpoint when it rests", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const job = { run: "r1", pictures: [{ seed: 1, label: 2 }], drawing: { steps: 4, guidance: 1.5 } };
    tab.watch((event) => {
      if (event.type === "step" && event.step === 6) tab.trainer.handle({ type: "sample", id: 5, job });
    });
    await tab.serve(newRun(tinyPlan(browser.dataset)));
    await tab.serve({ type: "sample", id: 6, job });
    const order = tab.events
      .filter(({ type }) => type === "sampled" || type === "finished")
      .map(({ type }) => type);
    expect(order).toEqual(["sampled", "finished", "sampled"]);
    const drawn = tab.of("pictures").filter(({ id }) => id === 5 || id === 6);
    expect(drawn[0].pictures).toEqual(drawn[1].pictures);
    // The last look drew the same seed as the first of its pictures.
    const look = tab.of("pictures").find(({ id, step, base }) => id === 1 && step === 6 && !base);
    expect(look?.pictures[0]).toEqual(drawn[0].pictures[0]);
  });

  test("of a light model learns from the heavy one that was just trained, if both call their classes the same", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const heavy = tinyPlan(browser.dataset, { base: { kind: "model", model: "heavy" }, target: "heavy" });
    const end = await tab.serve(newRun(heavy));
    if (end.type !== "finished") throw new Error(JSON.stringify(end));
    const light = tinyPlan(browser.dataset, {
      objective: { kind: "distil", teacher: end.model.id, tMax: 0.7 },
    });
    const distil = (id: number, plan: RunPlan) =>
      tab.serve({ type: "train", id, job: { kind: "new", run: `r${id}`, plan } });
    expect(await distil(2, light)).toMatchObject({ type: "finished", model: { classes: ["mine"] } });
    const other = { ...light, classes: [{ kind: "new", name: "other" }, light.classes[1]] } as const;
    const refused = { type: "failed", error: { kind: "TeacherClassesDiffer", teacher: end.model.id } };
    expect(await distil(3, other)).toMatchObject(refused);
  });
});
