import "@tensorflow/tfjs-backend-cpu";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import {
  backend,
  keep,
  memory,
  mul,
  setBackend,
  slice,
  type Tensor,
  type Tensor4D,
  tensor4d,
  tidy,
} from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { halfToNumber, toHalfBits } from "#checkpoints/floats.ts";
import { normals } from "#flow/noise.ts";
import { GpuArena } from "#gpu/arena.ts";
import { installedGpu, installGpu } from "#gpu/installed.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import type { DiT } from "#models/ditModel.ts";
import type { WeightMap } from "#models/weights.ts";
import type { OpenedBackend } from "#workers/backends.ts";
import { browserBackends } from "#workers/browserBackends.ts";
import { loadPart } from "#workers/residents.ts";
import type { FetchFiles } from "#workers/weightFiles.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";
import { randomWeights } from "../models/support/randomWeights.ts";
import { expectValuesClose } from "../models/support/valuesClose.ts";
import { openWithKernels, valuesOf } from "./ownKernels.ts";

const SMALL: DiTConfig = {
  input_size: 8,
  patch_size: 2,
  in_channels: 4,
  hidden_size: 64,
  depth: 2,
  num_heads: 1,
  mlp_ratio: 4,
  num_classes: 4,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};
/** 25 tokens, 5 heads of one vector each, an MLP of 47 channels, a variance. */
const ODD: DiTConfig = {
  ...SMALL,
  input_size: 10,
  in_channels: 3,
  hidden_size: 20,
  num_heads: 5,
  mlp_ratio: 2.35,
  learn_sigma: true,
};
const LIGHT: DiTConfig = { ...SMALL, input_size: 16, hidden_size: 128, depth: 4, num_heads: 2 };
const HEAVY: DiTConfig = { ...LIGHT, hidden_size: 256, depth: 8, num_heads: 4 };

const TIMES = [0, 0.25, 0.25, 1];
const LABELS = [0, 3, 3, 1, 2, 0, 3, 1];
/** Two blocks of sums of float32 against sums of float64. */
const ROUNDING = { atol: 1e-5, rtol: 1e-5 };

const weightsOf = (config: DiTConfig): WeightMap => randomWeights(ditSpec(config), 1);
/** Weights as a file of halves keeps them. */
const halvesOf = (config: DiTConfig): WeightMap =>
  new Map(
    [...weightsOf(config)].map(([name, { shape, values }]) => [
      name,
      { shape, values: Float32Array.from(toHalfBits(values), halfToNumber) },
    ]),
  );
const states = ({ input_size: side, in_channels: channels }: DiTConfig, batch: number): Tensor4D =>
  tensor4d(normals(5, 0, batch * side * side * channels), [batch, side, side, channels]);
const image = (batch: Tensor4D, k: number): Tensor4D =>
  slice(batch, [k, 0, 0, 0], [1, ...batch.shape.slice(1)] as [number, number, number, number]);

/** Velocities by tfjs's composition on its cpu backend. */
async function onCpu(config: DiTConfig, weights: WeightMap, use: (model: DiT) => Tensor[]) {
  await setBackend("cpu");
  const model = createDiT(config, weights);
  const velocities = await Promise.all(use(model).map(valuesOf));
  model.dispose();
  await setBackend("webgpu");
  return velocities;
}

let opened: OpenedBackend;
let machine: GpuMachine;
const gpuBackend = (): WebGPUBackend => backend() as WebGPUBackend;

beforeAll(async () => {
  ({ opened, machine } = await openWithKernels());
  expect(opened.kernels).toBe("our own, WGSL");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await opened.settle(); // the device complained of nothing
});
afterAll(() => opened.close());

describe.each([
  ["64 channels, one head", SMALL],
  ["25 tokens, odd widths, a variance", ODD],
])("a DiT on our own WebGPU kernels: %s", (_, config) => {
  test.each([1, 2.5, 0])("agrees with the composition, guidance %f", async (guidance) => {
    const weights = weightsOf(config);
    const labels = [0, 3, 3];
    const evaluate = (model: DiT): Tensor[] =>
      tidy(() => {
        const trajectory = model.begin(TIMES, labels, guidance);
        const velocities = [3, 0, 2].map((index) => trajectory.velocity(index, states(config, 3)));
        trajectory.end();
        return velocities;
      });
    const want = await onCpu(config, weights, evaluate);
    const model = createDiT(config, weights);
    const got = await Promise.all(evaluate(model).map(valuesOf));
    got.forEach((values, i) => void expectValuesClose(`evaluation ${i}`, values, want[i], ROUNDING));
    model.dispose();
  });

  test("gives every tap of the composition", async () => {
    const weights = weightsOf(config);
    const evaluate = (seen: string[]) => (model: DiT) => {
      const taps: Tensor[] = [];
      const velocity = model.forward(states(config, 2), [0.3, 0.8], [1, 4], (name, value) => {
        seen.push(`${name} ${value.shape}`);
        taps.push(keep(value.clone()));
      });
      return [...taps, velocity];
    };
    const [namesOnCpu, names]: [string[], string[]] = [[], []];
    const want = await onCpu(config, weights, evaluate(namesOnCpu));
    const model = createDiT(config, weights);
    const got = await Promise.all(evaluate(names)(model).map(valuesOf));
    expect(names).toEqual(namesOnCpu);
    got.forEach((values, i) => void expectValuesClose(names[i] ?? "velocity", values, want[i], ROUNDING));
    model.dispose();
  });

  test.each([1, 1.5])(
    "image k of a batch of 8 equals it alone, bit for bit, guidance %f",
    async (guidance) => {
      const model = createDiT(config, weightsOf(config));
      const x = states(config, 8);
      const together = model.begin(TIMES, LABELS, guidance);
      for (const index of [0, 3]) {
        const batch = await valuesOf(together.velocity(index, x));
        for (const k of [0, 2, 7]) {
          const alone = model.begin(TIMES, [LABELS[k]], guidance);
          const single = tidy(() => alone.velocity(index, image(x, k)));
          const size = batch.length / 8;
          expect(await valuesOf(single)).toEqual(batch.slice(k * size, (k + 1) * size));
          alone.end();
        }
      }
      together.end();
      x.dispose();
      model.dispose();
    },
  );

  test("weights of a file of halves are read as halves, two bytes less each", async () => {
    const velocity = async (weights: WeightMap) => {
      const before = machine.counts.bytes;
      const model = createDiT(config, weights);
      const x = states(config, 1);
      const trajectory = model.begin([0.5], [1], 1);
      const values = await valuesOf(trajectory.velocity(0, x));
      trajectory.end();
      x.dispose();
      model.dispose();
      return { values, bytes: machine.counts.bytes - before };
    };
    const halves = halvesOf(config);
    // One weight with more digits, too small to matter to any sum, keeps each matrix from being packed.
    const spoilt = new Map(
      [...halves].map(([name, { shape, values }]) => {
        const marked = shape.length === 2 ? values.slice() : values;
        if (shape.length === 2) marked[0] += 2 ** -23;
        return [name, { shape, values: marked }];
      }),
    );
    const [packed, wide] = [await velocity(halves), await velocity(spoilt)];
    expectValuesClose("velocity", packed.values, wide.values, ROUNDING);
    const elsewhere = ["y_embedder.embedding_table.weight", "final_layer.linear.weight"]; // not in the tiled product
    const sizes = [...halves].flatMap(([name, { shape }]) =>
      shape.length === 2 && !elsewhere.includes(name) ? shape.map((side) => 4 * Math.ceil(side / 4)) : [],
    );
    const weightCount = sizes.reduce((sum, side, i) => (i % 2 === 0 ? sum + side * sizes[i + 1] : sum), 0);
    expect(wide.bytes - packed.bytes).toBe(2 * weightCount);
  });
});

test("more than 64 times, revisited in any order, give what a fresh pass gives", async () => {
  const model = createDiT(ODD, weightsOf(ODD));
  const x = states(ODD, 1);
  const times = Array.from({ length: 150 }, (_, i) => i / 149);
  const trajectory = model.begin(times, [1], 1);
  for (const index of [0, 63, 64, 149, 3])
    expect(await valuesOf(trajectory.velocity(index, x))).toEqual(
      await valuesOf(model.forward(x, [times[index]], [1])),
    );
  trajectory.end();
  expect(() => trajectory.velocity(0, x)).toThrow();
  x.dispose();
  model.dispose();
});

test("reads what TensorFlow.js has not yet handed to the device, and hands back what its ops go on with", async () => {
  const weights = weightsOf(ODD);
  const twice = (model: DiT): Tensor[] =>
    tidy(() => {
      const x: Tensor4D = mul(states(ODD, 1), 2);
      const trajectory = model.begin([0.5, 0.6], [1], 1);
      const next: Tensor4D = mul(trajectory.velocity(0, x), 0.5);
      const last = trajectory.velocity(1, next);
      trajectory.end();
      return [mul(last, 3)];
    });
  const [want] = await onCpu(ODD, weights, twice);
  const model = createDiT(ODD, weights);
  const [got] = await Promise.all(twice(model).map(valuesOf));
  expectValuesClose("velocity", got, want, { atol: 3e-5, rtol: 1e-5 });
  model.dispose();
});

test("leaves no tensor and no buffer behind, whatever the batches were", async () => {
  const made = vi.spyOn(machine.device, "createBuffer");
  const tensors = memory().numTensors;
  const model = createDiT(ODD, weightsOf(ODD));
  for (const batch of [1, 3, 2]) {
    const x = states(ODD, batch);
    const trajectory = model.begin([0.1, 0.2], new Array<number>(batch).fill(2), 2);
    for (const index of [0, 1]) (trajectory.velocity(index, x) as Tensor).dispose();
    model.forward(x, new Array<number>(batch).fill(0.5), new Array<number>(batch).fill(1)).dispose();
    trajectory.end();
    x.dispose();
  }
  model.dispose();
  expect(memory().numTensors).toBe(tensors);
  const own = made.mock.results.map(({ value }) => value as GPUBuffer).filter(isOurs);
  expect(own.length).toBeGreaterThan(50);
  const encoder = machine.device.createCommandEncoder();
  machine.device.pushErrorScope("validation");
  for (const buffer of own) encoder.clearBuffer(buffer);
  machine.device.queue.submit([encoder.finish()]);
  expect((await machine.device.popErrorScope())?.message).toMatch(/destroyed/);
  for (const buffer of own) expect(await isDestroyed(buffer), `of ${buffer.size} bytes`).toBe(true);
});

/** Whether an arena made it: tfjs pools its own, and uniform blocks stay. */
const isOurs = ({ label }: GPUBuffer): boolean => label === GpuArena.name;
async function isDestroyed(buffer: GPUBuffer): Promise<boolean> {
  const { device } = machine;
  device.pushErrorScope("validation");
  device.queue.writeBuffer(buffer, 0, new Uint32Array(1));
  return (await device.popErrorScope()) !== null;
}

describe("commands of one evaluation", () => {
  /** Dispatches that the device is given, by whomever. */
  const dispatched = () => vi.spyOn(GPUComputePassEncoder.prototype, "dispatchWorkgroups").mock.calls;

  test.each([
    ["light", LIGHT, 1],
    ["light, guided", LIGHT, 1.5],
    ["heavy", HEAVY, 1],
  ])("%s: 7 dispatches a block and 3, in one submission", (_, config, guidance) => {
    const model = createDiT(config, weightsOf(config));
    const x = states(config, 1);
    const trajectory = model.begin([0.1, 0.2], [1], guidance);
    trajectory.velocity(0, x).dispose(); // the modulations come first
    const dispatches = dispatched();
    const submissions = vi.spyOn(machine.device.queue, "submit").mock.calls;
    const before = machine.counts;
    trajectory.velocity(1, x).dispose();
    expect(dispatches.length).toBe(7 * config.depth + 3);
    expect(machine.counts.dispatches - before.dispatches).toBe(dispatches.length);
    expect(submissions.length).toBe(1);
    trajectory.end();
    x.dispose();
    model.dispose();
  });

  test.each([
    ["light", LIGHT, 1, 215],
    ["heavy", HEAVY, 1, 411],
    ["light, guided", LIGHT, 1.5, 221],
  ])(
    "%s: the composition of tfjs ops takes more than three times as many",
    (_, config, guidance, plainly) => {
      installGpu(null);
      const model = createDiT(config, weightsOf(config));
      installGpu(machine);
      // Programs are counted, not run: software would compute them for minutes.
      const gpu = gpuBackend();
      const programs = vi
        .spyOn(gpu, "runWebGPUProgram")
        .mockImplementation(
          ({ outputShape }, _inputs, dtype, _uniforms, output) =>
            output ?? gpu.makeTensorInfo(outputShape, dtype),
        ).mock.calls;
      const x = states(config, 1);
      const trajectory = model.begin([0.1, 0.2], [1], guidance);
      trajectory.velocity(0, x).dispose();
      const before = programs.length;
      trajectory.velocity(1, x).dispose();
      expect(programs.length - before).toBe(plainly);
      expect(plainly).toBeGreaterThan(3 * (7 * config.depth + 3));
      trajectory.end();
      x.dispose();
      model.dispose();
    },
  );
});

test("memory that the device cannot give is told when the work is settled", async () => {
  const arena = new GpuArena(machine.device);
  arena.reserve(machine.device.limits.maxBufferSize / 2);
  await expect(opened.settle()).rejects.toThrow();
  arena.destroy();
});

test("kernels end with their device: after a loss a network is made on the next one's", async () => {
  const config = ODD;
  const first = createDiT(config, weightsOf(config));
  opened.lose();
  await opened.lost;
  first.dispose();
  opened.close();
  expect(installedGpu()).toBeNull();
  opened = await browserBackends.open("webgpu", "own");
  const again = installedGpu();
  expect(again?.device).toBe(gpuBackend().device);
  expect(again).not.toBe(machine);
  const dispatches = () => again?.counts.dispatches;
  const model = createDiT(config, weightsOf(config));
  const before = dispatches();
  const x = states(config, 1);
  await valuesOf(model.forward(x, [0.5], [1]));
  expect(dispatches()).not.toBe(before);
  model.dispose();

  installGpu(machine); // of the device that was lost
  const plain = createDiT(config, weightsOf(config));
  const plainBefore = machine.counts.dispatches;
  plain.begin([0.5], [1], 1).end();
  expect(machine.counts.dispatches).toBe(plainBefore);
  plain.dispose();
  x.dispose();
  installGpu(null);
});

test("a network whose device goes away while its files arrive is made on the next one", async () => {
  const { manifest, files } = await tinyFamily();
  const [family] = manifest.families;
  const heavy = async (arrives: () => Promise<void>): Promise<Float32Array> => {
    const fetchFiles: FetchFiles = async (entries, _progress, _signal, onFile) => {
      const bytes = entries.map(({ file }) => files.get(file) ?? new Uint8Array());
      for (const one of bytes) onFile?.(one);
      await arrives();
      return bytes;
    };
    const residents = await loadPart(family, "heavy", fetchFiles, () => {}, AbortSignal.timeout(60_000));
    const x = tensor4d(normals(5, 0, 64), [1, 4, 4, 4]);
    const trajectory = await residents.heavy?.begin([0.5], [1], 1);
    const velocity = await trajectory?.velocity(0, x);
    if (!velocity) throw new Error("nothing was loaded");
    const values = await valuesOf(velocity);
    trajectory?.end();
    residents.heavy?.dispose();
    x.dispose();
    return values;
  };
  const torn = await heavy(async () => {
    opened.lose();
    await opened.lost;
    opened.close();
    opened = await browserBackends.open("webgpu", "own");
  });
  expect(torn.some((value) => value !== 0)).toBe(true);
  expect(torn).toEqual(await heavy(async () => {}));
});

test("who wants no kernels of ours gets none, and a device that refuses one is left with those of TensorFlow.js", async () => {
  opened.close();
  opened = await browserBackends.open("webgpu", "plain");
  expect(opened.kernels).toBe("those of TensorFlow.js");
  expect(installedGpu()).toBeNull();
  opened.close();
  vi.spyOn(GPUDevice.prototype, "createComputePipelineAsync").mockRejectedValueOnce(new Error("no"));
  opened = await browserBackends.open("webgpu", "own");
  expect(opened.kernels).toBe("those of TensorFlow.js, since the device refused ours");
  expect(installedGpu()).toBeNull();
});
