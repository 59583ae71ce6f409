import { memory } from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ADAM_W, type AdamWStep, adamW, stepNumbers } from "#gpu/adamW.ts";
import { GpuArena } from "#gpu/arena.ts";
import { CLIP, clip, SQUARES, squareSums, squares } from "#gpu/gradientNorm.ts";
import { installGpu } from "#gpu/installed.ts";
import { MOST_GROUPS } from "#gpu/kernel.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { readBuffers } from "#gpu/readBuffers.ts";
import type { DiT } from "#models/ditModel.ts";
import { adamWStep } from "#training/adamW.ts";
import { updateAverage } from "#training/average.ts";
import { distillation } from "#training/distillation.ts";
import { flowMatching } from "#training/flowMatching.ts";
import { fullTraining } from "#training/fullTraining.ts";
import { clipGradient, gradientNorm } from "#training/gradientNorm.ts";
import { DEFAULT_LORA, loraTraining } from "#training/loraTraining.ts";
import type { Objective } from "#training/objective.ts";
import type { RunState } from "#training/runState.ts";
import { train } from "#training/train.ts";
import { type TrainStep, trainingRun } from "#training/trainingRun.ts";
import type { OpenedBackend } from "#workers/backends.ts";
import { readGoldenCase, tensorOf, weightsOf } from "../../cli/parity/goldenCase.ts";
import { numbers, run as runCalls } from "../gpu/support.ts";
import { expectValuesClose } from "../models/support/valuesClose.ts";
import { expectGoldenSteps, type GoldenSteps } from "../training/goldenRun.ts";
import { heavyModel, LIGHT, lightWeights, OPTIONS, SET } from "../training/support.ts";
import { goldenFolder } from "./goldenFolder.ts";
import { openWithKernels } from "./ownKernels.ts";

const COMPILING = 400_000;

let opened: OpenedBackend;
let machine: GpuMachine;
let heavy: DiT;

beforeAll(async () => {
  ({ opened, machine } = await openWithKernels());
  heavy = heavyModel();
  await steps(flowMatching(LIGHT, SET), 1); // compiles TensorFlow.js's programs, which software takes a minute or more for
}, COMPILING);
afterEach(async () => {
  vi.restoreAllMocks();
  installGpu(machine);
  await opened.settle(); // the device complained of nothing
});
afterAll(() => {
  heavy.dispose();
  opened.close();
});

const STEP: AdamWStep = {
  n: 1,
  rate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.01,
  averageDecay: 0.9,
};

const NAMES = ["weights", "first", "second", "average"] as const;
type Vectors = Readonly<Record<(typeof NAMES)[number], Float32Array>>;

const startedAt = (weights: Float32Array): Vectors => ({
  weights: weights.slice(),
  first: new Float32Array(weights.length),
  second: new Float32Array(weights.length),
  average: weights.slice(),
});
const copied = ({ weights, first, second, average }: Vectors): Vectors => ({
  weights: weights.slice(),
  first: first.slice(),
  second: second.slice(),
  average: average.slice(),
});

/** Steps by the kernels, each with its gradient clipped to `limit`: the numbers after each. */
async function onDevice(
  start: Float32Array,
  gradients: readonly Float32Array[],
  limit: number,
  constants = STEP,
) {
  const count = start.length;
  const arena = new GpuArena(machine.device);
  const { weights, first, second, average } = startedAt(start);
  const buffers = {
    weights: arena.place(weights),
    first: arena.place(first),
    second: arena.place(second),
    average: arena.place(average),
  };
  const sums = arena.reserve(squareSums(count));
  const reached: Vectors[] = [];
  for (const [i, values] of gradients.entries()) {
    const [gradient, step] = [arena.place(values), arena.place(stepNumbers({ ...constants, n: i + 1 }))];
    const calls = [
      squares(gradient, count, sums, 0),
      clip(sums, squareSums(count), limit, step),
      adamW(buffers, gradient, step, count),
    ];
    const encoder = machine.device.createCommandEncoder();
    machine.record(
      encoder,
      calls.map((call) => machine.prepare(call)),
    );
    machine.device.queue.submit([encoder.finish()]);
    const [w, m, v, a] = await Promise.all(
      NAMES.map(async (name) => (await readBuffers(machine.device, [buffers[name]])).slice(0, count)),
    );
    reached.push({ weights: w, first: m, second: v, average: a });
  }
  arena.destroy();
  return reached;
}

/** The same on the host, in float64. */
function onHost(start: Float32Array, gradients: readonly Float32Array[], limit: number): Vectors[] {
  const now = startedAt(start);
  return gradients.map((given, i) => {
    const gradient = given.slice();
    clipGradient(gradient, gradientNorm(gradient), limit);
    adamWStep(now.weights, gradient, now, i + 1, STEP.rate, STEP);
    updateAverage(now.average, now.weights, STEP.averageDecay);
    return copied(now);
  });
}

describe("a step of AdamW and of the average", () => {
  test.each([
    [1, 0],
    [63, 0.5],
    [256, 0],
    [257, 3],
    [4097, 1e-3],
  ])("of %i numbers, clipped to %f, is that of the host", async (count, limit) => {
    const start = numbers(1, count);
    const gradients = [2, 3, 4, 5, 6].map((seed) => numbers(seed, count, seed === 4 ? 100 : 0.1));
    const want = onHost(start, gradients, limit);
    const got = await onDevice(start, gradients, limit);
    for (const [i, vectors] of got.entries())
      for (const name of NAMES) {
        // Five steps of a few roundings each, where the host rounds once; sums that cancel keep the error of their terms, which for
        // moments are as long as the longest gradient.
        const longest = gradients.reduce((most, g) => g.reduce((m, x) => Math.max(m, Math.abs(x)), most), 0);
        const term = { weights: 1, average: 1, first: longest, second: longest ** 2 }[name];
        expectValuesClose(`${name} after step ${i + 1}`, vectors[name], want[i][name], {
          atol: 3e-7 * term,
          rtol: 2e-6,
        });
      }
  });

  test("bears gradients from nothing up to those whose squares just fit, and weights of any size", async () => {
    const gradient = Float32Array.of(0, -0, 1e-38, 1e-30, -1e-20, 1e-10, 1e-4, -1, 1e9, 1e18, -1e18, 1e18);
    const start = Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1e-30, 1e30, 0);
    const gradients = [gradient, gradient.map((g) => -g / 2), gradient];
    const want = onHost(start, gradients, 0);
    const got = await onDevice(start, gradients, 0);
    for (const [i, { weights, average, first }] of got.entries()) {
      // Squares under 1e-38 are zero to a GPU; beside eps = 1e-8 their roots are nothing.
      expectValuesClose(`weights ${i}`, weights, want[i].weights, { atol: 3e-7, rtol: 2e-6 });
      expectValuesClose(`average ${i}`, average, want[i].average, { atol: 3e-7, rtol: 2e-6 });
      expectValuesClose(`moments ${i}`, first.subarray(8), want[i].first.subarray(8), {
        atol: 0,
        rtol: 1e-5,
      });
    }
  });

  test("leaves an average where it is as long as the weights stand still", async () => {
    const start = numbers(1, 100);
    const still = Array.from({ length: 30 }, () => new Float32Array(start.length));
    // 0.9999 and 1e-4 in float32 do not add up to 1.
    const got = (await onDevice(start, still, 0, { ...STEP, weightDecay: 0, averageDecay: 0.9999 })).at(-1);
    expect(got?.average).toEqual(start);
  });

  test("spreads numbers over both sides of a grid, which a device bounds", async () => {
    const count = 256 * MOST_GROUPS + 3;
    const start = new Float32Array(count).fill(1);
    const gradient = new Float32Array(count);
    for (const at of [0, 256 * MOST_GROUPS - 1, count - 1]) gradient[at] = 1;
    const [{ weights }] = await onDevice(start, [gradient], 0);
    const moved: number[] = [];
    for (let at = 0; at < count; at++) if (weights[at] < 0.9995) moved.push(at);
    expect(moved).toEqual([0, 256 * MOST_GROUPS - 1, count - 1]);
  });
});

describe("the length of a gradient", () => {
  /** [norm, factor] of gradients together. */
  async function clipped(gradients: readonly Float32Array[], limit: number) {
    const firsts = gradients.map((_, i) =>
      gradients.slice(0, i).reduce((sum, { length }) => sum + squareSums(length), 0),
    );
    const all = gradients.reduce((sum, { length }) => sum + squareSums(length), 0);
    const values = await runCalls(machine, (arena) => {
      const [sums, step] = [arena.reserve(all), arena.reserve(2)];
      const parts = gradients.map((g, i) => squares(arena.place(g), g.length, sums, firsts[i]));
      return { call: [...parts, clip(sums, all, limit, step)], output: step };
    });
    return [...values.subarray(0, 2)];
  }

  test.each([[[1]], [[4096]], [[4097, 3]], [[1, 8191, 70_000, 256, 12_288]]])(
    "of %j numbers is that of the host, however the tensors lie",
    async (counts) => {
      const gradients = counts.map((count, i) => numbers(i, count, 10 ** (i - 2)));
      const want = gradientNorm(Float32Array.from(gradients.flatMap((g) => [...g])));
      const [norm, factor] = await clipped(gradients, want / 3);
      // Each number passes some forty additions, whose roundings mostly cancel.
      expect(Math.abs(norm / want - 1)).toBeLessThan(2e-6);
      expect(Math.abs(3 * factor - 1)).toBeLessThan(2e-6);
      expect(await clipped(gradients, want / 3)).toEqual([norm, factor]); // in one order
    },
  );

  test("clips nothing for a limit of 0, a longer limit, or no gradient at all", async () => {
    const gradient = Float32Array.of(3, 4);
    expect(await clipped([gradient], 0)).toEqual([5, 1]);
    expect(await clipped([gradient], 5)).toEqual([5, 1]);
    expect(await clipped([new Float32Array(5)], 1)).toEqual([0, 1]);
  });
});

const full = () => fullTraining(LIGHT, lightWeights());
const CLIPPED = { ...OPTIONS, microBatch: 3, clipNorm: 0.5, weightDecay: 0.01 };

/** Steps of a run until `until`. */
async function steps(objective: Objective, until: number, from?: RunState) {
  const run = trainingRun(full(), SET, objective, CLIPPED, from);
  const made: TrainStep[] = [];
  for await (const step of train(run, until)) made.push(step);
  const state = await run.state();
  run.dispose();
  return { made, state, place: run.optimizer };
}

describe("a training run with its optimizer on the device", () => {
  test("makes the steps of one with its optimizer on the host, and is told apart from it", async () => {
    const before = memory().numTensors;
    const device = await steps(flowMatching(LIGHT, SET), 10);
    installGpu(null); // as ?kernels=plain leaves it
    const host = await steps(flowMatching(LIGHT, SET), 10);
    expect([device.place, host.place]).toEqual(["device", "host"]);
    expect(memory().numTensors).toBe(before);
    // The gradients are the same programs'. What float32 rounds otherwise moves a weight whose gradient is noise by parts of a step, which
    // the loss does not see; all others by parts of their last digit.
    for (const [i, { loss, gradientNorm: norm }] of device.made.entries()) {
      expect(Math.abs(loss / host.made[i].loss - 1), `loss of step ${i + 1}`).toBeLessThan(1e-6);
      expect(Math.abs(norm / host.made[i].gradientNorm - 1), `norm of step ${i + 1}`).toBeLessThan(1e-5);
    }
    expect(host.made[9].loss).not.toBeCloseTo(host.made[0].loss, 2); // it has come somewhere
  });

  test.each<[string, () => Objective]>([
    ["flow matching", () => flowMatching(LIGHT, SET)],
    ["distillation", () => distillation(LIGHT, SET, heavy, { tMax: 1, ownSteps: 3 })],
  ])("of %s resumed from its stored state equals the unbroken one, bit for bit", async (_, objective) => {
    const whole = await steps(objective(), 4);
    const first = await steps(objective(), 2);
    const second = await steps(objective(), 4, structuredClone(first.state));
    expect([...first.made, ...second.made]).toEqual(whole.made);
    expect(second.state).toEqual(whole.state);
  });

  test("moves each tensor's numbers in one dispatch, with one more for its share of the norm", async () => {
    const run = trainingRun(full(), SET, flowMatching(LIGHT, SET), CLIPPED);
    const tensors = full().layout.slots.size;
    const before = machine.counts.dispatches;
    await run.advance();
    expect(machine.counts.dispatches - before).toBe(2 * tensors + 1);
    run.dispose();
  });

  test("is where it was after a step that is given up, before the first micro-batch or after the last", async () => {
    const run = trainingRun(full(), SET, flowMatching(LIGHT, SET), CLIPPED);
    await run.advance();
    const [state, before] = [await run.state(), memory().numTensors];
    for (const at of [1, 3]) {
      let asked = 0;
      const giveUp = () => {
        if (++asked === at) throw new Error("enough");
      };
      await expect(run.advance(giveUp)).rejects.toThrow("enough");
      expect(memory().numTensors).toBe(before);
      expect(await run.state()).toEqual(state);
    }
    await run.advance();
    expect(await run.state()).toEqual((await steps(flowMatching(LIGHT, SET), 2)).state);
    run.dispose();
  });

  test("that diverges says so with its step and keeps the weights before it", async () => {
    const latents = { ...SET.latents, values: SET.latents.values.map(() => 1e30) };
    const run = trainingRun(full(), { ...SET, latents }, flowMatching(LIGHT, { ...SET, latents }), CLIPPED);
    const state = await run.state();
    await expect(run.advance()).rejects.toMatchObject({ problem: { kind: "Diverged", step: 0 } });
    expect(await run.state()).toEqual(state);
    run.dispose();
  });

  test("gives its weights and averages as its state has them", async () => {
    const run = trainingRun(full(), SET, flowMatching(LIGHT, SET), CLIPPED);
    await run.advance();
    const { weights, average } = await run.state();
    expect(await run.values("current")).toEqual(weights);
    expect(await run.values("average")).toEqual(average);
    expect(weights).not.toEqual(average);
    run.dispose();
  });

  test("of low-rank matrices stays on the host, since the network is made of their products", () => {
    const lora = loraTraining(LIGHT, lightWeights(), { ...DEFAULT_LORA, rank: 2 }, 1);
    const run = trainingRun(lora, SET, flowMatching(LIGHT, SET), CLIPPED);
    expect(run.optimizer).toBe("host");
    run.dispose();
  });

  test.each([SQUARES, CLIP, ADAM_W])("stays on the host where the kernel $name is switched off", (off) => {
    vi.spyOn(machine, "runs").mockImplementation((kernel) => kernel !== off);
    const run = trainingRun(full(), SET, flowMatching(LIGHT, SET), CLIPPED);
    expect(run.optimizer).toBe("host");
    run.dispose();
  });

  test("ends at the golden weights of 08_adamw_decay", async () => {
    const golden = await readGoldenCase(goldenFolder, "08_adamw_decay.json");
    const place = await expectGoldenSteps({
      config: golden.json.config as GoldenSteps["config"], // as the kind's own schema reads it
      at: (name) => tensorOf(golden, name),
      weights: () => weightsOf(golden),
    });
    expect(place).toBe("device");
  });
});
