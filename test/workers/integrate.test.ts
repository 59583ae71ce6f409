import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { IntegrateJob } from "#workers/protocol.ts";
import { drawInStretches, integrated, switchStep, tinyDrawing, tinyStretch } from "./inStretches.ts";
import { NO_GPU, scriptedBackends, testEngine, tinyJob } from "./testEngine.ts";

type TestEngine = Awaited<ReturnType<typeof testEngine>>;

/** An engine with the parts of the tiny family that coarse-to-fine needs. */
async function readyEngine(scripted = scriptedBackends()): Promise<TestEngine> {
  const t = await testEngine(scripted);
  t.start();
  t.loadAll(1);
  await t.engine.idle();
  return t;
}
const numbers = (buffer: ArrayBuffer) => [...new Float32Array(buffer)];
let lastJob = 100;
const integrate = (t: TestEngine, changes: Partial<IntegrateJob> = {}) =>
  t.serve({ type: "integrate", id: ++lastJob, job: tinyStretch(changes) });

describe.each(["cpu", "wasm"] as const)("on %s", (backend) => {
  let t: TestEngine;
  beforeAll(async () => {
    t = await readyEngine(scriptedBackends(NO_GPU, backend));
  });

  const settings = ([0, 0.5, 1] as const).flatMap((tau) =>
    (["euler", "heun", "ab2"] as const).map((solver) => [solver, tau] as const),
  );
  test.each(settings)(
    "a picture in two stretches is bit for bit that of generate, and carries the same settings: %s, tau = %d",
    async (solver, tau) => {
      const how = tinyDrawing({ tau, solver });
      const image = { seed: 3, label: 1 };
      const job = tinyJob({ ...how, images: [image] });
      const { own } = await t.serve({ type: "generate", id: ++lastJob, job });
      const whole = own.find((event) => event.type === "image");
      const { latent, decoded, nfe } = await drawInStretches(t, lastJob + 1, how, image);
      lastJob += 3;
      const inOne = integrated((await integrate(t, { ...how, starts: [{ ...image, x: null }] })).closing);
      expect(numbers(latent)).toEqual(numbers(inOne.states[0])); // bytes of pixels would hide the last bits
      expect(decoded.sha256).toBe(whole?.sha256);
      expect(new Uint8Array(decoded.rgba)).toEqual(new Uint8Array(whole?.rgba ?? new ArrayBuffer()));
      expect(decoded.settings).toEqual(whole?.settings);
      expect(nfe).toEqual(whole?.nfe);
    },
  );

  test.each(["c2f:narrow", "c2f:round", "c2f:heavy:light", "c2f:heavy:narrow"])(
    "the same holds for variants: %s",
    async (model) => {
      await t.serve({ type: "load", id: ++lastJob, family: "tiny", parts: ["model:narrow", "model:round"] });
      const how = tinyDrawing({ model, tau: 0.4, solver: "ab2" });
      const image = { seed: 3, label: 1 };
      const { latent } = await drawInStretches(t, lastJob + 1, how, image, 10);
      lastJob += 3;
      const inOne = integrated((await integrate(t, { ...how, starts: [{ ...image, x: null }] })).closing);
      expect(numbers(latent)).toEqual(numbers(inOne.states[0]));
    },
  );

  test("one light trunk of two seeds serves every switch time, bit for bit", async () => {
    const how = tinyDrawing({ solver: "ab2" });
    const starts = [3, 4].map((seed) => ({ seed, label: seed % 2, x: null }));
    const taus = [0.3, 0.7];
    const cuts = taus.map((tau) => switchStep({ ...how, tau }));
    const { own } = await integrate(t, {
      ...how,
      model: "light",
      starts,
      to: Math.max(...cuts),
      record: cuts.map((cut) => cut - 1),
    });
    for (const [i, tau] of taus.entries()) {
      const at = own.find((event) => event.type === "recorded" && event.step === cuts[i] - 1);
      const states = at?.type === "recorded" ? at.states : [];
      const branch = starts.map((start, k) => ({ ...start, x: states[k] }));
      const cut = integrated((await integrate(t, { ...how, tau, from: cuts[i], starts: branch })).closing);
      const whole = integrated((await integrate(t, { ...how, tau, starts })).closing);
      expect(cut.states.map(numbers)).toEqual(whole.states.map(numbers));
    }
  });

  test("a start is the same alone and beside others, bit for bit", async () => {
    const starts = [5, 6, 7].map((seed) => ({ seed, label: seed % 2, x: null }));
    const together = integrated((await integrate(t, { starts })).closing);
    const alone = integrated((await integrate(t, { starts: [starts[1]] })).closing);
    expect(numbers(alone.states[0])).toEqual(numbers(together.states[1]));
  });
});

describe("a stretch", () => {
  let t: TestEngine;
  beforeAll(async () => {
    t = await readyEngine();
  });

  test("tells its steps by their place in the trajectory, records where it was asked to, and closes once", async () => {
    const { own, closing } = await integrate(t, {
      from: 5,
      to: 9,
      record: [6, 8],
      starts: await startsAt(5),
    });
    expect(own.map((event) => event.type)).toEqual([
      ...["step", "step", "recorded", "step", "step", "recorded"],
      "integrated",
    ]);
    expect(
      own.flatMap((event) => (event.type === "step" ? [[event.step, event.of, event.t, event.served]] : [])),
    ).toEqual([
      [6, 10, 0.6, "light"],
      [7, 10, 0.7, "light"],
      [8, 10, 0.8, "heavy"],
      [9, 10, 0.9, "heavy"],
    ]);
    expect(
      own.flatMap((event) =>
        event.type === "recorded" ? [[event.step, event.t, event.tNext, event.served]] : [],
      ),
    ).toEqual([
      [6, 0.6, 0.7, "light"],
      [8, 0.8, 0.9, "heavy"],
    ]);
    expect(closing).toMatchObject({ nfe: { light: 2, heavy: 2 }, passes: 8 });
  });

  /** Two starts with their states at grid[step]. */
  async function startsAt(step: number) {
    const starts = [3, 4].map((seed) => ({ seed, label: seed % 2, x: null }));
    const { states } = integrated((await integrate(t, { starts, to: step })).closing);
    return starts.map((start, k) => ({ ...start, x: states[k] }));
  }

  test("records the states that a shorter stretch ends with, x̂1 at the step's start, and its linear preview", async () => {
    const starts = await startsAt(4);
    const { own } = await integrate(t, { starts, from: 4, record: [4] });
    const recorded = own.find((event) => event.type === "recorded");
    if (!recorded) throw new Error("nothing was recorded");
    const next = integrated((await integrate(t, { starts, from: 4, to: 5 })).closing);
    expect(recorded.states.map(numbers)).toEqual(next.states.map(numbers));
    for (const [k, { x }] of starts.entries()) {
      const [before, after] = [numbers(x), numbers(recorded.states[k])];
      // Euler: v = (after − before) / h, so x̂1 = x + (1 − t) v with t = 0.4 and h = 0.1, up to f32 rounding times 1/h.
      const expected = before.map((value, i) => value + (0.6 * (after[i] - value)) / 0.1);
      numbers(recorded.x1Hats[k]).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 4);
      });
      const [{ matrix, bias }] = t.manifest.families.map((family) => family.preview);
      const [r] = matrix.map((row, j) =>
        row.reduce((sum, weight, c) => sum + weight * numbers(recorded.x1Hats[k])[c], bias[j]),
      );
      const preview = recorded.previews?.[k];
      expect([preview?.width, preview?.height]).toEqual([4, 4]);
      expect(new Uint8Array(preview?.rgba ?? new ArrayBuffer())[0]).toBe(
        Math.round(Math.min(255, Math.max(0, (r + 1) * 127.5))),
      );
    }
  });

  test("in the latents of another autoencoder has no previews, and its own size", async () => {
    await t.serve({ type: "load", id: ++lastJob, family: "tiny", parts: ["model:foreign"] });
    const { own, closing } = await integrate(t, { model: "foreign", record: [3] });
    expect(own.find((event) => event.type === "recorded")).toMatchObject({ previews: null });
    expect(integrated(closing).states[0].byteLength).toBe(4 * 4 * 4 * 2);
  });

  test("needs the models that it evaluates and no decoder, and waits for them", async () => {
    const bare = await testEngine(scriptedBackends());
    bare.start();
    bare.engine.handle({ type: "load", id: 1, family: "tiny", parts: ["light"] });
    expect((await integrate(bare, { to: 7 })).closing?.type).toBe("integrated");
    expect((await integrate(bare, { to: 8 })).closing).toMatchObject({
      error: { kind: "NotLoaded", part: "heavy" },
    });
  });

  test("is served in turn with generate", async () => {
    const id = lastJob;
    lastJob += 3;
    t.engine.handle({ type: "generate", id: id + 1, job: tinyJob({ images: [{ seed: 1, label: 0 }] }) });
    t.engine.handle({ type: "integrate", id: id + 2, job: tinyStretch() });
    await t.serve({ type: "generate", id: id + 3, job: tinyJob({ images: [{ seed: 1, label: 0 }] }) });
    const ids = t.events.flatMap((event) => ("id" in event && event.id > id ? [event.id] : []));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(ids).size).toBe(3);
  });

  const x = (values: number, fill = 0) => new Float32Array(values).fill(fill).buffer;
  const start = (change: object) => ({ starts: [{ seed: 3, label: 1, x: null, ...change }] });
  test.each([
    ["from", { from: -1 }],
    ["from", { from: 10 }],
    ["from", { from: 1.5, ...start({ x: x(64) }) }],
    ["to", { to: 11 }],
    ["to", { from: 4, to: 4, ...start({ x: x(64) }) }],
    ["to", { to: Number.NaN }],
    ["record", { from: 4, record: [3], ...start({ x: x(64) }) }],
    ["record", { to: 5, record: [5] }],
    ["x", { from: 4 }],
    ["x", start({ x: x(63) })],
    ["x", start({ x: x(64, Number.NaN) })],
    ["x", start({ x: x(64, Number.POSITIVE_INFINITY) })],
    ["x", { model: "foreign", ...start({ x: x(64) }) }],
    ["seed", start({ seed: -1 })],
    ["label", start({ label: 2 })],
    ["starts", { starts: [] }],
    ["starts", { starts: Array.from({ length: 65 }, (_, seed) => ({ seed, label: 0, x: null })) }],
    ["model", { model: "none" }],
    ["steps", { steps: 1 }],
    ["tau", { tau: 2 }],
    ["guidance", { guidance: -1 }],
  ] as const)("with a wrong %s is refused by that name: %j", async (field, changes) => {
    const { own, closing } = await integrate(t, changes);
    expect(own.length).toBe(1);
    expect(closing).toMatchObject({ type: "failed", error: { kind: "InvalidJob", field } });
    expect(t.states().at(-1)).toEqual({ status: "ready" });
  });

  test("says how many bytes a latent has, and how many of its values are not finite", async () => {
    const details = [start({ x: x(63) }), start({ x: x(64, Number.NaN) })].map(async (changes) => {
      const { closing } = await integrate(t, changes);
      return closing?.type === "failed" && closing.error.kind === "InvalidJob" ? closing.error.detail : "";
    });
    expect(await Promise.all(details)).toEqual([
      "A latent has 252 bytes; 4 × 4 × 4 f32 are 256.",
      "64 of 64 values of a latent are not finite.",
    ]);
  });
});

describe("whatever happens to a stretch, the tensors return to where they were", () => {
  test("when it ends, when it is refused, cancelled, or out of memory", async () => {
    const t = await readyEngine();
    const baseline = memory().numTensors;
    const starts = [3, 4, 5, 6].map((seed) => ({ seed, label: 0, x: null }));
    expect((await integrate(t, { starts, record: [0, 9] })).closing).toMatchObject({ tensors: baseline });
    expect((await integrate(t, { from: 3 })).closing).toMatchObject({ tensors: baseline });

    t.engine.handle({ type: "fault", fault: "next-allocation-fails" });
    expect((await integrate(t, { starts })).closing).toMatchObject({
      error: { kind: "OutOfMemory", batch: 4, suggestedBatch: 2 },
      tensors: baseline,
    });
    expect(t.states().at(-1)).toMatchObject({ status: "out-of-memory", batch: 4, suggestedBatch: 2 });

    t.watch((event) => {
      if (event.type === "step" && event.step === 4) t.engine.handle({ type: "cancel", id: event.id });
    });
    const cancelled = await integrate(t, { starts, record: [3, 4] });
    expect(cancelled.own.filter((event) => event.type === "step").length).toBe(4);
    expect(cancelled.closing).toMatchObject({ type: "cancelled", tensors: baseline });
    expect(memory().numTensors).toBe(baseline);
  });

  test("when its device goes away: it begins anew, once, and ends with the same states", async () => {
    const scripted = scriptedBackends();
    const t = await readyEngine(scripted);
    const undisturbed = integrated((await integrate(t)).closing);
    const baseline = memory().numTensors;
    let lost = false;
    t.watch((event) => {
      if (event.type !== "step" || event.step !== 5 || lost) return;
      lost = true;
      t.engine.handle({ type: "fault", fault: "lose-device" });
    });
    const { own, closing } = await integrate(t, { record: [3] });
    expect(scripted.opened()).toBe(2);
    expect(t.states().map((state) => state.status)).toContain("device-lost");
    expect(own.filter((event) => event.type === "step").map((event) => event.step)).toEqual([
      ...[1, 2, 3, 4, 5],
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    ]);
    expect(own.filter((event) => event.type === "recorded").length).toBe(2);
    expect(integrated(closing).states.map(numbers)).toEqual(undisturbed.states.map(numbers));
    expect(memory().numTensors).toBe(baseline);
  });

  test("when it goes away twice: that stretch fails with the reason, and the next one is served", async () => {
    const scripted = scriptedBackends();
    const t = await readyEngine(scripted);
    const baseline = memory().numTensors;
    let losses = 2;
    t.watch((event) => {
      if (event.type === "step" && event.step === 5 && losses-- > 0) scripted.lose();
    });
    expect((await integrate(t)).closing).toMatchObject({ type: "failed", error: { kind: "DeviceLost" } });
    expect((await integrate(t)).closing).toMatchObject({ type: "integrated", tensors: baseline });
  });
});
