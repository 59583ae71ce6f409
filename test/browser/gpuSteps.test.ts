import { add, memory, mul, slice, type Tensor4D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { VelocityModel } from "#flow/field.ts";
import { uniformGrid } from "#flow/grid.ts";
import { normals } from "#flow/noise.ts";
import { CancelledError, sample } from "#flow/sampler.ts";
import { SOLVER_NAMES, type SolverName } from "#flow/solvers/names.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import type { DiT } from "#models/ditModel.ts";
import type { OpenedBackend } from "#workers/backends.ts";
import { browserBackends } from "#workers/browserBackends.ts";
import { expectOneRounding } from "../gpu/oneRounding.ts";
import { randomWeights } from "../models/support/randomWeights.ts";
import { expectValuesClose } from "../models/support/valuesClose.ts";
import { valuesOf } from "./ownKernels.ts";

/** 25 tokens, 5 heads of one vector each, a variance. */
const SMALL: DiTConfig = {
  input_size: 10,
  patch_size: 2,
  in_channels: 3,
  hidden_size: 20,
  depth: 2,
  num_heads: 5,
  mlp_ratio: 2.35,
  num_classes: 4,
  class_dropout_prob: 0.1,
  learn_sigma: true,
};
const LIGHT: DiTConfig = {
  ...SMALL,
  input_size: 16,
  in_channels: 4,
  hidden_size: 128,
  depth: 4,
  num_heads: 2,
  mlp_ratio: 4,
  learn_sigma: false,
};
const LABELS = [0, 3, 1, 2, 0, 3, 1, 1];

const modelOf = (config: DiTConfig): DiT => createDiT(config, randomWeights(ditSpec(config), 1));
/** The same network, whose states the sampler has to add up itself. */
const withoutMove = (model: DiT): VelocityModel => ({
  begin(times, labels, guidance) {
    const { velocity, end } = model.begin(times, labels, guidance);
    return { velocity, end };
  },
});
const states = ({ input_size: side, in_channels: channels }: DiTConfig, batch: number): Tensor4D =>
  tensor4d(normals(5, 0, batch * side * side * channels), [batch, side, side, channels]);
const image = (batch: Tensor4D, k: number): Tensor4D =>
  slice(batch, [k, 0, 0, 0], [1, ...batch.shape.slice(1)] as [number, number, number, number]);

let opened: OpenedBackend;
beforeAll(async () => {
  opened = await browserBackends.open("webgpu", "own");
  expect(opened.kernels).toBe("our own, WGSL");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await opened.settle(); // the device complained of nothing
});
afterAll(() => opened.close());

/** A short run of one image. */
const run = (model: VelocityModel, solver: SolverName, guidance = 1) => ({
  models: { light: model },
  choice: "light" as const,
  tau: 1,
  grid: uniformGrid(4),
  solver,
  labels: [1],
  guidance,
});

describe("one step of the light network", () => {
  // 31 dispatches an evaluation. A sum of several velocities is a product each, their sum, and the sum with x.
  test.each<[SolverName, number, number]>([
    ["euler", 1, 31],
    ["euler", 1.5, 31],
    ["midpoint", 1, 2 * 31],
    ["heun", 1, 2 * 31 + 4],
    ["rk4", 1, 4 * 31 + 6],
    ["ab2", 1, 31 + 4],
  ])("of %s, guidance %f, is %i dispatches, the sampler's among them", async (solver, guidance, count) => {
    const model = modelOf(LIGHT);
    const x0 = states(LIGHT, 1);
    const dispatches = vi.spyOn(GPUComputePassEncoder.prototype, "dispatchWorkgroups").mock.calls; // by whomever
    const submissions = vi.spyOn(GPUQueue.prototype, "submit").mock.calls;
    const after: { readonly dispatches: number; readonly submissions: number }[] = [];
    const onStep = () => {
      after.push({ dispatches: dispatches.length, submissions: submissions.length });
    };
    const { x1 } = await sample(x0, { ...run(model, solver, guidance), onStep });
    const [, second, third] = after; // the first step prepares what depends on time and label
    expect(third.dispatches - second.dispatches).toBe(count);
    if (solver === "euler") expect(third.submissions - second.submissions).toBe(1);
    x0.dispose();
    x1.dispose();
    model.dispose();
  });
});

describe("a state that the network writes", () => {
  test.each([1, 2.5])("is base + factor·v up to one rounding, guidance %f", async (guidance) => {
    const model = modelOf(SMALL);
    const [x, factor] = [states(SMALL, 2), -0.37];
    const base: Tensor4D = tidy(() => add(mul(x, 0.5), 1));
    const trajectory = model.begin([0.25], [0, 3], guidance);
    for (const from of [x, base]) {
      const moved = trajectory.move?.(0, x, from, factor);
      if (!moved) throw new Error("the network writes no states");
      const plain = await valuesOf(tidy(() => add(from, mul(moved.velocity, factor))));
      const velocity = await valuesOf(moved.velocity);
      expect(velocity).toEqual(await valuesOf(trajectory.velocity(0, x)));
      expectOneRounding(await valuesOf(moved.x), plain, velocity, factor);
    }
    trajectory.end();
    for (const tensor of [x, base]) tensor.dispose();
    model.dispose();
  });

  test.each([1, 1.5])("has the same bits in a batch of 8 as alone, guidance %f", async (guidance) => {
    const model = modelOf(SMALL);
    const x0 = states(SMALL, 8);
    const whole = await sample(x0, { ...run(model, "euler", guidance), labels: LABELS });
    const batch = await valuesOf(whole.x1);
    for (const k of [0, 2, 7]) {
      const one = image(x0, k);
      const alone = await sample(one, { ...run(model, "euler", guidance), labels: [LABELS[k]] });
      const size = batch.length / 8;
      expect(await valuesOf(alone.x1)).toEqual(batch.slice(k * size, (k + 1) * size));
      one.dispose();
    }
    x0.dispose();
    model.dispose();
  });

  test.each(SOLVER_NAMES)(
    "leads to where plain arithmetic leads, with %s, and leaves no tensor",
    async (solver) => {
      const model = modelOf(SMALL);
      const tensors = memory().numTensors;
      const x0 = states(SMALL, 1);
      const moved = await sample(x0, run(model, solver));
      const plain = await sample(x0, run(withoutMove(model), solver));
      x0.dispose();
      // Three steps, each of which may round once where the other rounds twice; velocities grow with the states.
      expectValuesClose("x1", await valuesOf(moved.x1), await valuesOf(plain.x1), { atol: 2e-6, rtol: 2e-6 });
      expect(memory().numTensors).toBe(tensors);
      model.dispose();
    },
  );

  test("is released when the run is cancelled, and is not made by a network that is gone", async () => {
    const model = modelOf(SMALL);
    const tensors = memory().numTensors;
    const x0 = states(SMALL, 1);
    const controller = new AbortController();
    const onStep = () => controller.abort();
    const cancelled = sample(x0, { ...run(model, "rk4"), signal: controller.signal, onStep });
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    const trajectory = model.begin([0.5], [1], 1);
    model.dispose();
    expect(() => trajectory.move?.(0, x0, x0, 1)).toThrow();
    trajectory.end();
    x0.dispose();
    expect(memory().numTensors).toBe(tensors);
  });
});
