import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { browserBackends } from "#workers/browserBackends.ts";
import { openBrowser, openTab, tinyPlan } from "../workers/trainer/support.ts";

/** Small, since software computes what a GPU should. */
const small = (dataset: string, every: number) =>
  tinyPlan(dataset, {
    steps: 3,
    selection: { kept: Uint32Array.of(0, 1, 2, 3), heldOut: new Uint32Array(), how: "four" },
    watch: { every, pictures: [{ seed: 1, label: 2 }], drawing: { steps: 2, guidance: 1 } },
  });

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
  expect(tab.of("step").map(({ step }) => step)).toEqual([1, 2, 3]); // no step was lost or made twice
  expect(memory().numTensors).toBe(before);
  const expected = wasm.of("step");
  // Sums of float32 in another order, and steps of AdamW, which divides by small numbers.
  tab.of("step").forEach(({ loss }, i) => void expect(loss).toBeCloseTo(expected[i].loss, 3));
});
