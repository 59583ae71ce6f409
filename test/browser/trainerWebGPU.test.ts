import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { createRuns } from "#runs/runs.ts";
import { browserBackends } from "#workers/browserBackends.ts";
import { openBrowser, openTab, tinyPlan } from "../workers/trainer/support.ts";

/** Small, since software computes what a GPU should. */
const small = (dataset: string, every: number) =>
  tinyPlan(dataset, {
    steps: 3,
    selection: { kept: Uint32Array.of(0, 1, 2, 3), heldOut: new Uint32Array(), how: "four" },
    watch: { every, pictures: [{ seed: 1, label: 2 }], drawing: { steps: 2, guidance: 1 } },
  });

/** What a tab's events say of a run, each number as often as it was told. */
const stepsTold = (tab: Awaited<ReturnType<typeof openTab>>) => tab.of("step").map(({ step }) => step);

test("a run on WebGPU goes on when its device is destroyed, makes the losses of wasm, and leaves no tensor", async () => {
  const browser = await openBrowser();
  const job = { kind: "new", run: "r1", plan: small(browser.dataset, 3) } as const;
  const wasm = await openTab(browser, { backend: "wasm", backends: browserBackends });
  const still = { ...job, run: "r0", plan: small(browser.dataset, 0) };
  await wasm.serve({ type: "train", id: 1, job: still }); // its latents serve both

  const tab = await openTab(browser, { backend: "webgpu", backends: browserBackends, embedding: false });
  await tab.trainer.idle();
  const before = memory().numTensors;
  let losses = 0;
  tab.watch((event) => {
    if (event.type === "step" && event.step === 2 && losses++ === 0)
      tab.trainer.handle({ type: "fault", fault: "lose-device" });
  });
  expect(await tab.serve({ type: "train", id: 1, job })).toMatchObject({ type: "finished", step: 3 });
  expect(tab.of("state").some(({ state }) => state.status === "device-lost" && state.resumes === 1)).toBe(
    true,
  );
  expect(tab.of("began").map(({ optimizer }) => optimizer)).toEqual(["device", "device"]);
  // It goes on after the newest step that had been copied from the device: the first always is, the second where that took less than
  // a fiftieth of a step.
  const goesOn = tab.of("began")[1].step;
  expect([1, 2]).toContain(goesOn);
  expect(stepsTold(tab)).toEqual([1, 2, ...[1, 2, 3].filter((step) => step > goesOn)]);
  expect(memory().numTensors).toBe(before);
  const expected = wasm.of("step");
  // Sums of float32 in another order, and steps of AdamW, which divides by small numbers.
  tab.of("step").forEach(({ step, loss }) => void expect(loss).toBeCloseTo(expected[step - 1].loss, 3));
  const kept = await createRuns(browser.files).checkpoint("r1");
  if (!kept || kept === "damaged") throw new Error(`no checkpoint: ${kept}`);
  expect(kept.progress.curve.map(({ step }) => step)).toEqual([1, 2, 3]); // none was lost or is there twice
  expect(kept.state.step).toBe(3);
}, 400_000); // two devices compile what TensorFlow.js trains with
