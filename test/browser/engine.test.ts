import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { backend, memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { browserBackends } from "#workers/browserBackends.ts";
import type { BackendName, EngineEvent } from "#workers/protocol.ts";
import { drawInStretches, integrated, tinyDrawing, tinyStretch } from "../workers/inStretches.ts";
import { testEngine, tinyJob } from "../workers/testEngine.ts";

type ImageEvent = Extract<EngineEvent, { type: "image" }>;

async function run(name: BackendName, batch: number, seeds: readonly number[], steps = 6) {
  const t = await testEngine({ backends: browserBackends });
  t.start(name);
  t.loadAll(1);
  const images = seeds.map((seed) => ({ seed, label: seed % 2 }));
  t.engine.handle({ type: "generate", id: 2, job: tinyJob({ images, batch, steps }) });
  await t.engine.idle();
  expect(t.of("failed")).toEqual([]);
  return { t, images: t.of("image") };
}
const pixels = (image: ImageEvent) => new Uint8Array(image.rgba);
const largestDifference = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
const EIGHT = [11, 12, 13, 14, 15, 16, 17, 18];

describe.each(["webgpu", "wasm"] as const)("on %s", (name) => {
  test("image k of a batch of eight equals the same seed alone, bit for bit", async () => {
    const together = (await run(name, 8, EIGHT)).images;
    for (const k of [0, 5]) {
      const [alone] = (await run(name, 1, [EIGHT[k]])).images;
      expect(alone.sha256, `seed ${EIGHT[k]}`).toBe(together[k].sha256);
    }
  });

  test("the same job twice gives the same pixels, and no tensor stays", async () => {
    const { t, images } = await run(name, 2, [1, 2]);
    const baseline = memory().numTensors;
    t.engine.handle({
      type: "generate",
      id: 3,
      job: tinyJob({ images: [1, 2].map((seed) => ({ seed, label: seed % 2 })), batch: 2, steps: 6 }),
    });
    await t.engine.idle();
    const again = t.of("image").filter((image) => image.id === 3);
    expect(again.map((image) => image.sha256)).toEqual(images.map((image) => image.sha256));
    expect(memory().numTensors).toBe(baseline);
  });

  // The light model prepares 5 times for the whole picture and 10 for a trunk that goes on to the end: two sizes of
  // matrix products that are not computed by the same program.
  test("a picture in two stretches, from a trunk that goes on, is bit for bit that of generate", async () => {
    const how = tinyDrawing({ tau: 0.5, steps: 11, solver: "ab2" });
    const image = { seed: 7, label: 1 };
    const t = await testEngine({ backends: browserBackends });
    t.start(name);
    t.loadAll(1);
    const { own } = await t.serve({ type: "generate", id: 2, job: tinyJob({ ...how, images: [image] }) });
    const baseline = memory().numTensors;
    const whole = own.find((event) => event.type === "image");
    const { latent, decoded } = await drawInStretches(t, 3, how, image, how.steps - 1);
    const stretch = tinyStretch({ ...how, starts: [{ ...image, x: null }] });
    const inOne = integrated((await t.serve({ type: "integrate", id: 6, job: stretch })).closing);
    expect(new Float32Array(latent)).toEqual(new Float32Array(inOne.states[0])); // pixels would hide the last bits
    expect(decoded.sha256).toBe(whole?.sha256);
    expect(decoded.settings).toEqual(whole?.settings);
    expect(memory().numTensors).toBe(baseline);
  });
});

test("webgpu and wasm agree within one level of 255", async () => {
  const wasm = (await run("wasm", 1, [21, 22])).images;
  const webgpu = (await run("webgpu", 1, [21, 22])).images;
  wasm.forEach((image, k) => {
    expect(largestDifference(pixels(image), pixels(webgpu[k]))).toBeLessThanOrEqual(1);
  });
});

describe("this browser's software adapter", () => {
  let t: Awaited<ReturnType<typeof testEngine>>;
  beforeAll(async () => {
    t = await testEngine({ backends: browserBackends });
    t.start("auto");
    await t.engine.idle();
  });

  test("is recognised, and wasm is chosen with the reason", () => {
    expect(t.states().map((state) => state.status)).toEqual(["probing", "software-adapter", "ready"]);
    expect(t.of("backend")[0].report).toMatchObject({ name: "wasm", requested: "auto" });
  });

  test("is used when WebGPU is forced, and called slow", async () => {
    t.start("webgpu");
    await t.engine.idle();
    expect(t.of("backend")[1].report).toMatchObject({ name: "webgpu", software: true });
    expect(t.of("backend")[1].report.reason).toContain("slow");
  });
});

test("an error that only the device reports ends the job instead of giving a wrong picture", async () => {
  const { t } = await run("webgpu", 1, [1]);
  let broken = false;
  t.watch((event) => {
    if (event.type !== "step" || event.id !== 3 || broken) return;
    broken = true;
    const tfBackend = backend();
    if (!(tfBackend instanceof WebGPUBackend)) throw new Error("not on WebGPU");
    tfBackend.device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  });
  t.engine.handle({ type: "generate", id: 3, job: tinyJob({ batch: 1, steps: 6 }) });
  await t.engine.idle();
  expect(t.of("failed")).toMatchObject([{ id: 3, error: { kind: "Internal" } }]);
  expect(t.of("image").some((image) => image.id === 3)).toBe(false);
});

test("a WebGPU device that is destroyed in the middle of a job is replaced and the images come out the same", async () => {
  const { t, images } = await run("webgpu", 1, [1, 2, 3]);
  const baseline = memory().numTensors;
  let lost = false;
  t.watch((event) => {
    if (event.type !== "step" || event.id !== 3 || event.first !== 1 || event.step !== 3 || lost) return;
    lost = true;
    t.engine.handle({ type: "fault", fault: "lose-device" });
  });
  const job = tinyJob({ images: [1, 2, 3].map((seed) => ({ seed, label: seed % 2 })), batch: 1, steps: 6 });
  t.engine.handle({ type: "generate", id: 3, job });
  await t.engine.idle();
  expect(t.states().filter((state) => state.status === "failed")).toEqual([]);
  expect(t.states().map((state) => state.status)).toContain("device-lost");
  expect(t.of("failed")).toEqual([]);
  const after = t.of("image").filter((image) => image.id === 3);
  expect(after.map((image) => image.sha256)).toEqual(images.map((image) => image.sha256));
  expect(memory().numTensors).toBe(baseline);
  expect(t.states().at(-1)).toEqual({ status: "ready" });
});
