import { beforeAll, expect, test } from "vitest";
import { useBackend } from "../../models/support/backends.ts";
import { scriptedBackends, testEngine, tinyJob } from "../testEngine.ts";
import { openBrowser, openTab, tinyPlan } from "./support.ts";

beforeAll(() => useBackend("wasm"));

test("a trained model draws in the engine what the trainer showed at its last step, bit for bit", async () => {
  const browser = await openBrowser();
  const tab = await openTab(browser, { backend: "wasm" });
  const plan = tinyPlan(browser.dataset);
  const end = await tab.serve({ type: "train", id: 1, job: { kind: "new", run: "r1", plan } });
  if (end.type !== "finished") throw new Error(JSON.stringify(end));
  const shown = tab.of("pictures").at(-1)?.pictures ?? [];

  const t = await testEngine({ ...scriptedBackends(undefined, "wasm"), localModels: browser.models });
  t.start("wasm");
  const { id } = end.model;
  t.engine.handle({ type: "load", id: 1, family: "tiny", parts: ["decoder", `model:${id}`] });
  const { steps, guidance } = plan.watch.drawing;
  const job = tinyJob({ images: plan.watch.pictures, model: id, steps, guidance, previews: false });
  await t.serve({ type: "generate", id: 2, job });
  const drawn = t.of("image");
  expect(t.of("failed")).toEqual([]);
  expect(drawn).toHaveLength(4);
  drawn.forEach((image, i) => {
    expect(new Uint8Array(image.rgba), `picture ${i}`).toEqual(new Uint8Array(shown[i].rgba));
  });
});
