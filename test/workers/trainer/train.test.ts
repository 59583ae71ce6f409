import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { ByteFiles } from "#files/byteFiles.ts";
import type { LocalModel } from "#library/localModel.ts";
import { modelCard } from "#library/modelCard.ts";
import type { RunPlan, RunProgress } from "#runs/run.ts";
import { createRuns } from "#runs/runs.ts";
import type { TrainerEvent } from "#workers/trainerProtocol.ts";
import { filled } from "../../datasets/support.ts";
import { useBackend } from "../../models/support/backends.ts";
import {
  type Browser,
  closing,
  openBrowser,
  openTab,
  PICTURES,
  type TabOptions,
  tinyPlan,
} from "./support.ts";

/** `npm run soak`: twenty times. */
const KILLS = process.env.STEADYFLOW_SOAK === "1" ? 20 : 2;
const WASM: TabOptions = { backend: "wasm" };
/** Every look at the clock finds a checkpoint due. */
const EVERY_STEP: TabOptions = { ...WASM, tick: 30_000 };
const newRun = (plan: RunPlan) => ({ type: "train", id: 1, job: { kind: "new", run: "r1", plan } }) as const;
const resume = (id: number, changes: { microBatch?: number; steps?: number } = {}) =>
  ({
    type: "train",
    id,
    job: { kind: "resume", run: "r1", microBatch: null, steps: null, ...changes },
  }) as const;

/** What must be the same however often a run was cut off. */
async function resultOf(browser: Browser) {
  const checkpoint = await createRuns(browser.files).checkpoint("r1");
  if (!checkpoint || checkpoint === "damaged") throw new Error(`no checkpoint: ${checkpoint}`);
  const { progress, state } = checkpoint;
  return { state, ...timeless(progress) };
}

const timeless = ({ curve, looks, step, status, model }: RunProgress) => ({
  curve: curve.map(({ ms, ...point }) => point),
  looks,
  step,
  status,
  model,
});

async function unbroken(changes: Partial<RunPlan> = {}) {
  const browser = await openBrowser();
  const tab = await openTab(browser, WASM);
  await tab.serve(newRun(tinyPlan(browser.dataset, changes)));
  return resultOf(browser);
}

/** Resolves when an event comes that `when` accepts. */
const seen = (tab: Awaited<ReturnType<typeof openTab>>, when: (event: TrainerEvent) => boolean) =>
  new Promise<void>((resolve) => tab.watch((event) => when(event) && resolve()));

/** Files of a tab that dies in the middle of writing checkpoint number `at` (from 1), a part of its bytes on the disk. */
function dyingAt(at: number, die: () => void): (files: ByteFiles) => ByteFiles {
  let writings = 0;
  return (files) => ({
    ...files,
    async write(name, parts) {
      if (!name.includes("/checkpoint") || ++writings < at) return files.write(name, parts);
      const whole = Uint8Array.from(Buffer.concat(parts));
      await files.write(name, [whole.slice(0, Math.floor(whole.length * 0.6))]);
      die();
      return new Promise(() => {});
    },
  });
}

const WAYS: readonly (readonly [string, Partial<RunPlan>])[] = [
  ["of all weights by flow matching", {}],
  ["of all weights by the coarse-to-fine loss", { objective: { kind: "c2f", teacher: "heavy", tau: 0.6 } }],
  [
    "of low-rank matrices by distillation",
    { mode: { kind: "lora", rank: 2, alpha: 2 }, objective: { kind: "distil", teacher: "heavy", tMax: 1 } },
  ],
  ["of a network from scratch", { base: { kind: "scratch", depth: 1, hidden_size: 8, num_heads: 2 } }],
];

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

  test.each(WAYS)(
    "%s equals the unbroken one bit for bit though its tab was killed twice",
    async (_, changes) => {
      const whole = await unbroken(changes);
      const browser = await openBrowser();
      const first = await openTab(browser, EVERY_STEP);
      first.watch((event) => event.type === "step" && event.step === 2 && first.kill());
      first.trainer.handle(newRun(tinyPlan(browser.dataset, changes)));
      await seen(first, (event) => event.type === "step" && event.step === 2);
      // The second tab dies while it writes its second checkpoint.
      let second: Awaited<ReturnType<typeof openTab>> | null = null;
      await new Promise<void>((resolve) => {
        const die = () => {
          second?.kill();
          resolve();
        };
        void openTab(browser, { ...EVERY_STEP, through: dyingAt(2, die) }).then((tab) => {
          second = tab;
          tab.trainer.handle(resume(2));
        });
      });
      const third = await openTab(browser, WASM);
      expect(await third.serve(resume(3))).toMatchObject({ type: "finished", step: 6 });
      expect(third.of("began")[0].step).toBeGreaterThan(0);
      expect(await resultOf(browser)).toEqual(whole);
    },
  );

  test(`killed ${KILLS} times, at random moments and in the middle of checkpoints, loses no step that was kept`, async () => {
    const steps = 4 + KILLS;
    const whole = await unbroken({ steps });
    const browser = await openBrowser();
    let kept = 0;
    /** The first tab that lives long enough makes the run, the others go on with it. */
    const request = async () =>
      (await createRuns(browser.files).get("r1")) ? resume(1) : newRun(tinyPlan(browser.dataset, { steps }));
    for (let kill = 0; kill < KILLS; kill++) {
      // Every other one dies while it writes its first or second checkpoint, the others at any of the first few events.
      let left = kill % 2 ? Number.POSITIVE_INFINITY : Math.floor(8 * Math.random());
      const at = kill % 2 ? 1 + Math.floor(2 * Math.random()) : Number.POSITIVE_INFINITY;
      const wanted = await request();
      let die = (): void => {};
      const tab = await openTab(browser, { ...EVERY_STEP, through: dyingAt(at, () => die()) });
      await new Promise<void>((resolve, reject) => {
        die = () => {
          tab.kill();
          resolve();
        };
        tab.watch((event) => {
          if (event.type === "failed") reject(new Error(JSON.stringify(event.error)));
          if (event.type === "began" && event.step < kept)
            reject(new Error(`${kept} was kept, not ${event.step}`));
          if (event.type === "checkpointed") kept = event.step;
          if (event.type === "finished" || left-- === 0) die();
        });
        tab.trainer.handle(wanted);
      });
    }
    const last = await openTab(browser, WASM);
    expect(await last.serve(await request())).toMatchObject({ type: "finished" });
    expect(await resultOf(browser)).toEqual(whole);
  });

  test("paused and resumed in another tab equals the unbroken one", async () => {
    const whole = await unbroken();
    const browser = await openBrowser();
    const first = await openTab(browser, WASM);
    first.watch((event) => {
      if (event.type === "step" && event.step === 3) first.trainer.handle({ type: "pause", id: 1 });
    });
    expect(await first.serve(newRun(tinyPlan(browser.dataset)))).toMatchObject({ type: "paused", step: 3 });
    const second = await openTab(browser, WASM);
    expect(await second.serve(resume(2))).toMatchObject({ type: "finished" });
    expect(second.of("began")[0].step).toBe(3);
    expect(await resultOf(browser)).toEqual(whole);
  });

  test("that is made longer after its end equals one that was as long from the start", async () => {
    const whole = await unbroken({ steps: 8 });
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    await tab.serve(newRun(tinyPlan(browser.dataset)));
    expect(await tab.serve(resume(2, { steps: 8 }))).toMatchObject({ type: "finished", step: 8 });
    expect(await resultOf(browser)).toEqual(whole);
  });

  test("that is stopped becomes a model as it is, and can be trained further", async () => {
    const whole = await unbroken();
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    let stops = 0;
    tab.watch((event) => {
      if (event.type === "step" && event.step === 2 && stops++ === 0)
        tab.trainer.handle({ type: "stop", id: 1 });
    });
    const end = await tab.serve(newRun(tinyPlan(browser.dataset)));
    expect(end).toMatchObject({
      type: "finished",
      step: 2,
      model: { recipe: { steps: 2, samples_seen: 8 } },
    });
    await tab.serve(resume(2));
    expect((await resultOf(browser)).state).toEqual(whole.state);
    expect(await browser.models.list()).toHaveLength(2);
  });

  test("that is cancelled is as its last checkpoint has it, and free to be trained again", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const before = memory().numTensors;
    tab.watch((event) => {
      if (event.type === "step" && event.step === 2) tab.trainer.handle({ type: "cancel", id: 1 });
    });
    expect(await tab.serve(newRun(tinyPlan(browser.dataset)))).toMatchObject({ type: "cancelled" });
    expect(memory().numTensors).toBe(before);
    expect(await createRuns(browser.files).checkpoint("r1")).toBeNull();
    expect(await tab.serve(resume(2))).toMatchObject({ type: "finished" });
  });

  test("in one tab is refused in a second, until the first has ended", async () => {
    const browser = await openBrowser();
    const first = await openTab(browser, WASM);
    const second = await openTab(browser, WASM);
    first.trainer.handle(newRun(tinyPlan(browser.dataset)));
    await seen(first, ({ type }) => type === "step");
    expect(await second.serve(resume(2))).toMatchObject({
      type: "failed",
      error: { kind: "RunLocked", run: "r1" },
    });
    await first.trainer.idle();
    expect(closing(first.events, 1).type).toBe("finished");
    expect(await second.serve(resume(3))).toMatchObject({ type: "finished" });
  });

  test("whose device goes away loses nothing, on a new device", async () => {
    const whole = await unbroken();
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    let losses = 0;
    tab.watch((event) => {
      if (event.type === "step" && event.step === 3 && losses++ === 0) tab.lose();
    });
    expect(await tab.serve(newRun(tinyPlan(browser.dataset)))).toMatchObject({ type: "finished" });
    expect(tab.opened()).toBe(2);
    expect(tab.of("state").map(({ state }) => state)).toContainEqual({
      status: "device-lost",
      reason: "The device was reset.",
      resumes: 1,
    });
    expect(tab.of("began").map(({ step }) => step)).toEqual([0, 3]);
    expect(await resultOf(browser)).toEqual(whole);
  });

  test("whose device goes away twice says so, and its lock is free", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, EVERY_STEP);
    tab.watch((event) => {
      if (event.type === "step" && (event.step === 2 || event.step === 4)) tab.lose();
    });
    const end = await tab.serve(newRun(tinyPlan(browser.dataset)));
    expect(end).toMatchObject({ type: "failed", error: { kind: "DeviceLost" } });
    expect(browser.locks.size).toBe(0);
    expect(await tab.serve(resume(2))).toMatchObject({ type: "finished" });
  });

  test("that runs out of memory offers half of the samples at once, and goes on with them", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const before = memory().numTensors;
    tab.watch((event) => {
      if (event.type === "step" && event.step === 2)
        tab.trainer.handle({ type: "fault", fault: "next-allocation-fails" });
    });
    const end = await tab.serve(newRun(tinyPlan(browser.dataset)));
    expect(end).toMatchObject({
      type: "failed",
      error: { kind: "TrainingOutOfMemory", run: "r1", microBatch: 3, suggestedMicroBatch: 1 },
    });
    expect(memory().numTensors).toBe(before);
    expect(await tab.serve(resume(2, { microBatch: 1 }))).toMatchObject({ type: "finished" });
    expect(tab.of("began").map(({ step }) => step)).toEqual([0, 2]); // nothing was lost
    const { progress } = (await createRuns(browser.files).get("r1")) ?? {};
    expect(progress?.microBatch).toBe(1);
  });

  test("with a full disk goes on, says once that nothing is kept, and can be exported and resumed while the tab lives", async () => {
    const full = (files: ByteFiles): ByteFiles => ({
      ...files,
      write: async () => {
        throw new DOMException("The disk is full.", "QuotaExceededError");
      },
    });
    const whole = await unbroken();
    const browser = await openBrowser();
    const tab = await openTab(browser, { ...EVERY_STEP, through: full });
    tab.watch((event) => {
      if (event.type !== "step" || event.step !== 4) return;
      tab.trainer.handle({ type: "export", id: 7, job: { run: "r1" } });
      tab.trainer.handle({ type: "pause", id: 1 });
    });
    expect(await tab.serve(newRun(tinyPlan(browser.dataset)))).toMatchObject({ type: "paused", step: 4 });
    const told = tab.of("not-kept").filter(({ what }) => what === "run");
    expect(told).toHaveLength(2); // at the first checkpoint, and at the pause, which asked for one
    expect(told[0].error.kind).toBe("Full");
    const exported = closing(tab.events, 7);
    expect(exported).toMatchObject({ type: "exported", step: 4, adapter: null });
    const end = await tab.serve(resume(2));
    expect(end).toMatchObject({ type: "finished", step: 6 });
    const model = (await browser.models.list())[0];
    expect(model.id).toBe(whole.model);
  });

  test("that the library does not take is finished all the same, and exported", async () => {
    const browser = await openBrowser();
    const refusing: Browser = {
      ...browser,
      models: {
        ...browser.models,
        put: async () => {
          throw new DOMException("The disk is full.", "QuotaExceededError");
        },
      },
    };
    const tab = await openTab(refusing, WASM);
    const end = await tab.serve(newRun(tinyPlan(browser.dataset)));
    expect(end).toMatchObject({ type: "finished", notKept: { kind: "Full" } });
    expect(await tab.serve({ type: "export", id: 2, job: { run: "r1" } })).toMatchObject({
      type: "exported",
      step: 6,
    });
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

  test("that diverges says at which step, and its checkpoint is the one before", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, EVERY_STEP);
    const options = { ...tinyPlan("").options, learningRate: 1e30, warmupSteps: 0 };
    const end = await tab.serve(newRun(tinyPlan(browser.dataset, { options })));
    expect(end).toMatchObject({ type: "failed", error: { kind: "Training", problem: { kind: "Diverged" } } });
    const { state } = await resultOf(browser);
    expect(state.average.every(Number.isFinite)).toBe(true);
  });

  test("of which both checkpoints are damaged says so; of one, goes on with the other", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, EVERY_STEP);
    tab.watch((event) => {
      if (event.type === "step" && event.step === 4) tab.trainer.handle({ type: "pause", id: 1 });
    });
    await tab.serve(newRun(tinyPlan(browser.dataset)));
    const damage = async (name: string) => {
      const bytes = (await browser.files.read(name)) ?? new Uint8Array();
      bytes[bytes.length - 9] ^= 1;
      await browser.files.write(name, [bytes]);
    };
    const newest = (await createRuns(browser.files).get("r1"))?.progress?.step;
    const [first, second] = ["r1/checkpoint.0", "r1/checkpoint.1"];
    await damage(first);
    await damage(second);
    expect(await tab.serve(resume(2))).toMatchObject({
      type: "failed",
      error: { kind: "CheckpointDamaged" },
    });
    await damage(first); // whole again
    expect(await tab.serve(resume(3))).toMatchObject({ type: "finished" });
    expect(tab.of("began").at(-1)?.step).toBeLessThanOrEqual(newest ?? 0);
  });
});
