import { memory } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { noiseOf } from "#flow/noise.ts";
import type { DecodeItem, DecodeJob } from "#workers/protocol.ts";
import { tinyDrawing } from "./inStretches.ts";
import { scriptedBackends, testEngine } from "./testEngine.ts";

type TestEngine = Awaited<ReturnType<typeof testEngine>>;

async function readyEngine(scripted = scriptedBackends()): Promise<TestEngine> {
  const t = await testEngine(scripted);
  t.start();
  t.engine.handle({ type: "load", id: 1, family: "tiny", parts: ["decoder", "decoder:second"] });
  await t.engine.idle();
  return t;
}

/** Any latent will do: noise of a seed, of the size of the family's own latents or of those of `foreign`. */
const latentOf = (seed: number, channels = 4): ArrayBuffer =>
  Float32Array.from(noiseOf(seed, { channels, height: 4, width: 4 })).buffer;
const item = (seed: number, cell: DecodeItem["cell"] = null): DecodeItem => ({
  latent: latentOf(seed),
  cell,
});

let lastJob = 100;
const decode = async (t: TestEngine, changes: Partial<DecodeJob> = {}) => {
  const job = { family: "tiny", model: "c2f", items: [item(1), item(2), item(3)], ...changes };
  const { own, closing } = await t.serve({ type: "decode", id: ++lastJob, job });
  return { own, closing, decoded: own.flatMap((event) => (event.type === "decoded" ? [event] : [])) };
};

describe("latents", () => {
  test("become pictures one by one, in order, each with its hash; only the decoder is needed", async () => {
    const t = await readyEngine();
    const { own, closing, decoded } = await decode(t);
    expect(own.map((event) => event.type)).toEqual(["decoded", "decoded", "decoded", "done"]);
    expect(decoded.map(({ index, width, height, rgba }) => [index, width, height, rgba.byteLength])).toEqual(
      [0, 1, 2].map((index) => [index, 8, 8, 4 * 64]),
    );
    expect(new Set(decoded.map(({ sha256 }) => sha256)).size).toBe(3);
    expect(decoded.map(({ settings }) => settings)).toEqual([null, null, null]);
    expect(closing).toMatchObject({ type: "done", images: 3 });
    const alone = await decode(t, { items: [item(2)] });
    expect(alone.decoded[0]?.sha256).toBe(decoded[1]?.sha256);
  });

  test("with a cell carry the settings of their drawing, counted by its plan", async () => {
    const t = await readyEngine();
    const how = tinyDrawing({ tau: 0.25, solver: "heun", guidance: 2 });
    const { decoded } = await decode(t, { model: "light", items: [item(1, { ...how, seed: 1, label: 1 })] });
    const files = (name: string) =>
      t.manifest.families[0].models.find((model) => model.name === name)?.files.map((file) => file.sha256);
    expect(decoded[0]?.settings).toMatchObject({
      ...{ family: "tiny", seed: 1, label: 1, class: "two", backend: "wasm", app: "steadyflow test" },
      ...how,
      sha256: decoded[0]?.sha256,
      // Steps at 0, 0.1 and 0.2; the last one's second stage is at 0.3, which is heavy.
      nfe: { light: 5, heavy: 15 },
      models: { light: files("light"), heavy: files("heavy") },
    });
  });

  test("of another autoencoder are decoded by that one", async () => {
    const t = await readyEngine();
    const items = [{ latent: latentOf(1, 2), cell: null }];
    const { decoded } = await decode(t, { model: "foreign", items });
    expect(decoded[0]).toMatchObject({ width: 8, height: 8 });
    expect((await decode(t, { items })).closing).toMatchObject({ error: { field: "latent" } });
  });

  test("whose decoder is not there say which one is missing", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    expect((await decode(t)).closing).toMatchObject({ error: { kind: "NotLoaded", part: "decoder" } });
  });

  const cell = { ...tinyDrawing(), seed: 1, label: 1 };
  test.each([
    ["items", { items: [] }],
    ["model", { model: "none" }],
    ["latent", { items: [{ latent: new ArrayBuffer(12), cell: null }] }],
    ["latent", { items: [{ latent: new Float32Array(64).fill(Number.NaN).buffer, cell: null }] }],
    ["cell", { items: [item(1, { ...cell, model: "foreign" })] }],
    ["model", { items: [item(1, { ...cell, model: "none" })] }],
    ["steps", { items: [item(1, { ...cell, steps: 1001 })] }],
    ["seed", { items: [item(1, { ...cell, seed: 0.5 })] }],
    ["label", { items: [item(1, { ...cell, label: -1 })] }],
  ] as const)(
    "with a wrong %s are refused by that name, before the first picture",
    async (field, changes) => {
      const { own } = await decode(await readyEngine(), changes);
      expect(own).toMatchObject([{ type: "failed", error: { kind: "InvalidJob", field } }]);
    },
  );
});

describe("whatever happens to a decode job, the tensors return to where they were", () => {
  test("when it ends, is cancelled after a picture, or out of memory", async () => {
    const t = await readyEngine();
    const baseline = memory().numTensors;
    expect((await decode(t)).closing).toMatchObject({ type: "done", tensors: baseline });

    t.engine.handle({ type: "fault", fault: "next-allocation-fails" });
    expect((await decode(t)).closing).toMatchObject({
      error: { kind: "OutOfMemory", batch: 1, suggestedBatch: null },
      tensors: baseline,
    });

    t.watch((event) => {
      if (event.type === "decoded" && event.index === 1) t.engine.handle({ type: "cancel", id: event.id });
    });
    const { decoded, closing } = await decode(t);
    expect(decoded.map(({ index }) => index)).toEqual([0, 1]);
    expect(closing).toMatchObject({ type: "cancelled", tensors: baseline });
  });

  test("when its device goes away: pictures that were sent are not made again", async () => {
    const t = await readyEngine();
    const expected = (await decode(t)).decoded.map(({ sha256 }) => sha256);
    const baseline = memory().numTensors;
    let lost = false;
    t.watch((event) => {
      if (event.type !== "decoded" || event.index !== 0 || lost) return;
      lost = true;
      t.engine.handle({ type: "fault", fault: "lose-device" });
    });
    const { decoded, closing } = await decode(t);
    expect(t.states().map((state) => state.status)).toContain("device-lost");
    expect(decoded.map(({ index, sha256 }) => [index, sha256])).toEqual(
      expected.map((sha256, index) => [index, sha256]),
    );
    expect(closing).toMatchObject({ type: "done", tensors: baseline });
  });
});
