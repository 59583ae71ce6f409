import { memory } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { BackendSource } from "#workers/backends.ts";
import { NO_GPU, scriptedBackends, testEngine, tinyJob } from "./testEngine.ts";

describe("states", () => {
  test("a browser without WebGPU gets another backend, with the reason", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    await t.engine.idle();
    expect(t.states().map((state) => state.status)).toEqual(["probing", "ready"]);
    expect(t.of("backend")[0].report).toMatchObject({ name: "wasm", requested: "auto" });
    expect(t.of("backend")[0].report.reason).toContain("No WebGPU here.");
  });

  test("WebGPU that was asked for and is not there waits with a reason and a remedy, and wasm starts after it", async () => {
    const t = await testEngine(scriptedBackends());
    t.start("webgpu");
    t.start("wasm");
    await t.engine.idle();
    expect(t.states().map((state) => state.status)).toEqual(["probing", "no-webgpu", "probing", "ready"]);
    expect(t.states()[1]).toEqual({
      status: "no-webgpu",
      reason: "No WebGPU here.",
      remedy: "Use another browser.",
    });
  });

  test("kernels that are compiled are counted while the engine starts, but not when a device comes back", async () => {
    const scripted = scriptedBackends({ kind: "hardware", adapter: "a card" });
    const backends: BackendSource = {
      ...scripted.backends,
      open(name, kernels, onPreparing) {
        for (const done of [0, 1, 2]) onPreparing?.(done, 2);
        return scripted.backends.open(name, kernels);
      },
    };
    const t = await testEngine({ backends });
    t.start();
    await t.engine.idle();
    const preparing = [0, 1, 2].map((done) => ({ status: "preparing", done, of: 2 }));
    expect(t.states()).toEqual([{ status: "probing" }, ...preparing, { status: "ready" }]);
    t.engine.handle({ type: "fault", fault: "lose-device" });
    await new Promise((go) => setTimeout(go));
    await t.engine.idle();
    expect(scripted.opened()).toBe(2);
    const after = t.states().slice(preparing.length + 2);
    expect(after.map((state) => state.status)).toEqual(["device-lost", "ready"]);
  });

  test("a software adapter is named and wasm is used instead", async () => {
    const t = await testEngine(scriptedBackends({ kind: "software", adapter: "SwiftShader" }));
    t.start();
    await t.engine.idle();
    expect(t.states().map((state) => state.status)).toEqual(["probing", "software-adapter", "ready"]);
    expect(t.of("backend")[0].report.name).toBe("wasm");
  });

  test("a graphics card that cannot be opened leaves wasm, with the reason, unless it was forced", async () => {
    const scripted = scriptedBackends({ kind: "hardware", adapter: "a card" });
    const open = scripted.backends.open;
    const backends: BackendSource = {
      ...scripted.backends,
      open: async (name) => {
        if (name === "webgpu") throw new Error("no device");
        return open(name);
      },
    };
    const t = await testEngine({ backends });
    t.start();
    await t.engine.idle();
    expect(t.of("backend")[0].report).toMatchObject({
      name: "wasm",
      reason: expect.stringContaining("no device"),
    });
    t.start("webgpu");
    await t.engine.idle();
    expect(t.states().at(-1)).toMatchObject({ status: "failed", error: { kind: "NoBackend" } });
  });

  test("loading and busy are told while they last, ready after them", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.loadAll(1);
    await t.engine.idle();
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    await t.engine.idle();
    expect(t.states().map((state) => state.status)).toEqual([
      "probing",
      "ready",
      "loading",
      "ready",
      "busy",
      "ready",
    ]);
  });

  test("a manifest that cannot be fetched is a failed state that names it", async () => {
    const t = await testEngine(scriptedBackends());
    t.engine.handle({ type: "start", backend: "auto", manifestUrl: "nowhere", faults: false });
    await t.engine.idle();
    expect(t.states().at(-1)).toMatchObject({
      status: "failed",
      error: { kind: "ManifestUnreachable", url: "nowhere" },
    });
  });
});

test("the failure of a start is its last word, however slow the probe of the GPU is", async () => {
  const scripted = scriptedBackends();
  const probe = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { kind: "software", adapter: "SwiftShader" } as const;
  };
  const t = await testEngine({ backends: { ...scripted.backends, probe } });
  t.engine.handle({ type: "start", backend: "auto", manifestUrl: "nowhere", faults: false });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(t.states().at(-1)).toMatchObject({ status: "failed", error: { kind: "ManifestUnreachable" } });
});

describe("generate", () => {
  test("gives every image once, in order, each before the next one's steps, then done", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.loadAll(1);
    await t.engine.idle();
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    await t.engine.idle();
    expect(t.of("image").map(({ index, seed, label }) => [index, seed, label])).toEqual([
      [0, 1, 1],
      [1, 2, 0],
      [2, 3, 1],
      [3, 4, 0],
    ]);
    // Steps of ten and a tau of 0.7: evaluations at 0, 0.1 … 0.6 are light, 0.7 to 0.9 heavy.
    expect(t.of("image")[0]).toMatchObject({ nfe: { light: 7, heavy: 3 }, passes: 20, width: 8, height: 8 });
    const order = t.events.flatMap<string | number>((event) =>
      event.type === "step" ? [event.first] : event.type === "image" ? [`image ${event.index}`] : [],
    );
    expect(order.indexOf("image 0")).toBeLessThan(order.indexOf(1));
    expect(t.events.at(-2)).toMatchObject({ type: "done", id: 2, images: 4 });
  });

  test("an image is the same alone and in a batch, bit for bit", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.loadAll(1);
    const images = Array.from({ length: 8 }, (_, i) => ({ seed: 100 + i, label: i % 2 }));
    t.engine.handle({ type: "generate", id: 2, job: tinyJob({ images, batch: 8 }) });
    t.engine.handle({ type: "generate", id: 3, job: tinyJob({ images: [images[5]], batch: 1 }) });
    await t.engine.idle();
    const [inBatch, alone] = [t.of("image")[5], t.of("image")[8]];
    expect(alone.sha256).toBe(inBatch.sha256);
  });

  test("tau 0 equals the heavy model and tau 1 the light one, and only what is needed must be loaded", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.loadAll(1);
    const jobs = [
      tinyJob({ model: "c2f", tau: 0 }),
      tinyJob({ model: "heavy" }),
      tinyJob({ model: "c2f", tau: 1 }),
      tinyJob({ model: "light" }),
    ];
    jobs.forEach((job, i) => {
      t.engine.handle({ type: "generate", id: 10 + i, job });
    });
    await t.engine.idle();
    const hashes = (id: number) =>
      t
        .of("image")
        .filter((image) => image.id === id)
        .map((image) => image.sha256);
    expect(hashes(10)).toEqual(hashes(11));
    expect(hashes(12)).toEqual(hashes(13));
    expect(hashes(10)).not.toEqual(hashes(12));
  });

  test("a model that is not there yet is named; light alone already works", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.engine.handle({ type: "load", id: 1, family: "tiny", parts: ["decoder", "light"] });
    await t.engine.idle();
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    t.engine.handle({ type: "generate", id: 3, job: tinyJob({ model: "light" }) });
    await t.engine.idle();
    expect(t.of("failed")).toMatchObject([{ id: 2, error: { kind: "NotLoaded", part: "heavy" } }]);
    expect(t.of("done")).toMatchObject([{ id: 3 }]);
  });

  test.each([
    ["steps", { steps: 1 }],
    ["tau", { tau: Number.NaN }],
    ["guidance", { guidance: -1 }],
    ["seed", { images: [{ seed: 1.5, label: 0 }] }],
    ["label", { images: [{ seed: 1, label: 2 }] }],
    ["batch", { batch: 0 }],
    ["images", { images: [] }],
  ] as const)("a wrong %s is refused by name and the engine goes on", async (field, changes) => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.loadAll(1);
    t.engine.handle({ type: "generate", id: 2, job: tinyJob(changes) });
    await t.engine.idle();
    expect(t.of("failed")).toMatchObject([{ id: 2, error: { kind: "InvalidJob", field } }]);
    expect(t.states().at(-1)).toEqual({ status: "ready" });
  });
});

describe("whatever happens, the tensors return to where they were", () => {
  test("after a finished, a cancelled and a failed job", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.loadAll(1);
    await t.engine.idle();
    const baseline = memory().numTensors;
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    await t.engine.idle();
    expect(memory().numTensors).toBe(baseline);

    t.watch((event) => {
      if (event.type === "step" && event.id === 3 && event.step === 4)
        t.engine.handle({ type: "cancel", id: 3 });
    });
    t.engine.handle({ type: "generate", id: 3, job: tinyJob() });
    await t.engine.idle();
    expect(memory().numTensors).toBe(baseline);

    t.engine.handle({ type: "fault", fault: "next-allocation-fails" });
    t.engine.handle({ type: "generate", id: 4, job: tinyJob({ batch: 4 }) });
    await t.engine.idle();
    expect(memory().numTensors).toBe(baseline);
    expect(t.of("done").at(-1)?.tensors).toBe(baseline);
  });

  test("cancel takes effect within one step, keeps what was finished and is the closing event", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.loadAll(1);
    t.watch((event) => {
      if (event.type === "step" && event.first === 1 && event.step === 3)
        t.engine.handle({ type: "cancel", id: 2 });
    });
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    await t.engine.idle();
    expect(t.of("image").map((image) => image.index)).toEqual([0]);
    expect(t.of("step").filter((step) => step.first === 1 && step.step > 4)).toEqual([]);
    expect(t.of("cancelled")).toMatchObject([{ id: 2 }]);
    expect(t.of("done")).toEqual([]);
  });

  test("a job cancelled while it waits never starts", async () => {
    const t = await testEngine(scriptedBackends());
    t.start();
    t.loadAll(1);
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    t.engine.handle({ type: "generate", id: 3, job: tinyJob() });
    t.engine.handle({ type: "cancel", id: 3 });
    await t.engine.idle();
    expect(t.of("step").some((step) => step.id === 3)).toBe(false);
    expect(t.of("cancelled")).toMatchObject([{ id: 3 }]);
  });
});

describe("a device that goes away", () => {
  test("is replaced, the weights are put on it again and the job goes on with the images that are missing", async () => {
    const scripted = scriptedBackends();
    const t = await testEngine(scripted);
    t.start();
    t.loadAll(1);
    await t.engine.idle();
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    await t.engine.idle();
    const expected = t.of("image").map((image) => image.sha256);
    const baseline = memory().numTensors;

    let lost = false;
    t.watch((event) => {
      if (event.type !== "step" || event.id !== 3 || event.first !== 2 || event.step !== 5 || lost) return;
      lost = true;
      t.engine.handle({ type: "fault", fault: "lose-device" });
    });
    t.engine.handle({ type: "generate", id: 3, job: tinyJob() });
    await t.engine.idle();
    expect(scripted.opened()).toBe(2);
    expect(t.states().map((state) => state.status)).toContain("device-lost");
    expect(
      t
        .of("image")
        .filter((image) => image.id === 3)
        .map((image) => [image.index, image.sha256]),
    ).toEqual(expected.map((sha256, index) => [index, sha256]));
    expect(t.states().at(-1)).toEqual({ status: "ready" });
    expect(memory().numTensors).toBe(baseline);
  });

  test("that does not come back, when WebGPU was forced, says so and leaves the engine to be started again", async () => {
    const answers = [{ kind: "hardware", adapter: "a card" } as const, NO_GPU];
    const scripted = scriptedBackends();
    const t = await testEngine({
      backends: { ...scripted.backends, probe: async () => answers.shift() ?? NO_GPU },
    });
    t.start("webgpu");
    t.loadAll(1);
    await t.engine.idle();
    scripted.lose();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(t.states().at(-1)).toMatchObject({ status: "no-webgpu" });
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    await t.engine.idle();
    expect(t.of("failed")).toMatchObject([{ id: 2, error: { kind: "NoBackend" } }]);
  });

  test("twice in one job ends that job with its reason; the next one works", async () => {
    const scripted = scriptedBackends();
    const t = await testEngine(scripted);
    t.start();
    t.loadAll(1);
    t.watch((event) => {
      if (event.type === "step" && event.id === 2 && event.step === 5) scripted.lose();
    });
    t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
    t.engine.handle({ type: "generate", id: 3, job: tinyJob() });
    await t.engine.idle();
    expect(t.of("failed")).toMatchObject([{ id: 2, error: { kind: "DeviceLost" } }]);
    expect(t.of("done")).toMatchObject([{ id: 3, images: 4 }]);
  });
});

test("another start ends what is under way and what waits, and works", async () => {
  const t = await testEngine(scriptedBackends());
  t.start();
  t.loadAll(1);
  await t.engine.idle();
  const empty = memory().numTensors;
  let restarted = false;
  t.watch((event) => {
    if (event.type !== "step" || event.id !== 2 || event.step !== 3 || restarted) return;
    restarted = true;
    t.start("cpu");
    t.loadAll(4);
    t.engine.handle({ type: "generate", id: 5, job: tinyJob() });
  });
  t.engine.handle({ type: "generate", id: 2, job: tinyJob() });
  t.engine.handle({ type: "generate", id: 3, job: tinyJob() });
  await t.engine.idle();
  expect(t.of("cancelled").map((event) => event.id)).toEqual([2, 3]);
  expect(t.of("done").map((event) => event.id)).toEqual([5]);
  expect(t.states().at(-1)).toEqual({ status: "ready" });
  expect(memory().numTensors).toBe(empty);
});

test("out of memory offers half the batch, and that batch works", async () => {
  const t = await testEngine(scriptedBackends());
  t.start();
  t.loadAll(1);
  await t.engine.idle();
  t.engine.handle({ type: "fault", fault: "next-allocation-fails" });
  t.engine.handle({ type: "generate", id: 2, job: tinyJob({ batch: 4 }) });
  await t.engine.idle();
  expect(t.of("failed")).toMatchObject([
    { id: 2, error: { kind: "OutOfMemory", batch: 4, suggestedBatch: 2 } },
  ]);
  expect(t.states().at(-1)).toEqual({ status: "out-of-memory", job: 2, batch: 4, suggestedBatch: 2 });
  t.engine.handle({ type: "generate", id: 3, job: tinyJob({ batch: 2 }) });
  await t.engine.idle();
  expect(t.of("done")).toMatchObject([{ id: 3 }]);
});

test("a part whose file is damaged is refused by name and nothing of it stays", async () => {
  const t = await testEngine(scriptedBackends());
  t.start();
  await t.engine.idle();
  const before = memory().numTensors;
  t.files.set(
    "tiny/light.safetensors",
    t.files.get("tiny/light.safetensors")?.slice(0, 500) ?? new Uint8Array(),
  );
  t.engine.handle({ type: "load", id: 1, family: "tiny", parts: ["light"] });
  t.engine.handle({ type: "load", id: 2, family: "elsewhere", parts: ["light"] });
  await t.engine.idle();
  expect(t.of("failed")).toMatchObject([
    { id: 1, error: { kind: "BadCheckpoint", file: "tiny/light.safetensors" } },
    { id: 2, error: { kind: "UnknownFamily", family: "elsewhere", known: ["tiny"] } },
  ]);
  expect(memory().numTensors).toBe(before);
});
