import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { ByteFiles } from "#files/byteFiles.ts";
import { createRuns } from "#runs/runs.ts";
import { useBackend } from "../../models/support/backends.ts";
import { type Browser, closing, openBrowser, openTab, tinyPlan } from "./support.ts";
import { EVERY_STEP, newRun, resultOf, resume, seen, unbroken, WASM, WAYS } from "./tinyRun.ts";

/** `npm run soak`: twenty times. */
const KILLS = process.env.STEADYFLOW_SOAK === "1" ? 20 : 2;
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

describe("a training run", () => {
  beforeAll(() => useBackend("wasm"));

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
