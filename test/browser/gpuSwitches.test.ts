import { memory, type Tensor, tensor1d, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { halfToNumber, toHalfBits } from "#checkpoints/floats.ts";
import { normals } from "#flow/noise.ts";
import { ATTENTION } from "#gpu/attention.ts";
import { installedGpu } from "#gpu/installed.ts";
import type { GpuKernel } from "#gpu/kernel.ts";
import { LINEAR } from "#gpu/linear.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { GPU_KERNELS, type GpuKernelName } from "#gpu/names.ts";
import { SILU } from "#gpu/silu.ts";
import { groupNormSilu } from "#kernels/groupNormSilu.ts";
import { createDecoder, decoderSpec } from "#models/autoencoder.ts";
import type { AutoencoderConfig } from "#models/autoencoderConfig.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import type { WeightMap } from "#models/weights.ts";
import type { OnPreparing, OpenedBackend } from "#workers/backends.ts";
import { browserBackends } from "#workers/browserBackends.ts";
import type { KernelChoice } from "#workers/protocol.ts";
import { randomWeights } from "../models/support/randomWeights.ts";
import { expectValuesClose } from "../models/support/valuesClose.ts";
import { openWithKernels } from "./ownKernels.ts";

/** 25 tokens, 5 heads of one vector each, an MLP of 47 channels, a variance. */
const CONFIG: DiTConfig = {
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
/** Of a file of halves, which lie packed where the product reads them itself. */
const WEIGHTS: WeightMap = new Map(
  [...randomWeights(ditSpec(CONFIG), 1)].map(([name, { shape, values }]) => [
    name,
    { shape, values: Float32Array.from(toHalfBits(values), halfToNumber) },
  ]),
);
/** Two blocks of sums of float32, in another order. */
const ROUNDING = { atol: 1e-5, rtol: 1e-5 };

/** Dispatches of ours that each kernel makes in an evaluation of a trajectory's first time, modulations included. */
const { depth } = CONFIG;
const DISPATCHES: Readonly<Partial<Record<GpuKernelName, number>>> = {
  linear: 4 * depth + 2 + (depth + 1), // of the blocks, of the embedding of times, of the modulations
  modulatedLayerNorm: 2 * depth + 1,
  attention: depth,
  silu: 2,
  patchEmbedding: 1,
  finalLayer: 1,
};
const OF_A_DIT = GPU_KERNELS.filter((name) => name in DISPATCHES);
const ALL = 7 * depth + 3 + 4 + (depth + 1);

let opened: OpenedBackend;
let machine: GpuMachine;
beforeAll(async () => {
  ({ opened, machine } = await openWithKernels());
}, 180_000);
afterEach(async () => {
  vi.restoreAllMocks();
  await opened.settle(); // the device complained of nothing
});
afterAll(() => opened.close());

/** Until the test is over. Opening a backend without them would compile the others again each time. */
const switchOff = (names: readonly GpuKernelName[]) =>
  vi.spyOn(machine, "runs").mockImplementation(({ name }) => !names.includes(name));

/** Guided velocities, the state that they lead to, every tap of an evaluation without guidance, and what it took. */
async function evaluated() {
  const tensors = memory().numTensors;
  const x = tensor4d(normals(5, 0, 2 * 300), [2, 10, 10, 3]);
  const model = createDiT(CONFIG, WEIGHTS);
  const trajectory = model.begin([0.25, 0.5], [0, 3], 1.5);
  const before = machine.counts.dispatches;
  const moved = trajectory.move?.(0, x, x, 0.3);
  const dispatches = machine.counts.dispatches - before;
  if (!moved) throw new Error("the network writes no states");
  const results: Tensor[] = [moved.velocity, moved.x];
  results.push(model.forward(x, [0.3, 0.8], [1, 4], (_, tokens) => results.push(tokens.clone())));
  const values = await Promise.all(results.map((tensor) => tensor.data<"float32">()));
  trajectory.end();
  model.dispose();
  for (const tensor of [x, ...results]) tensor.dispose();
  expect(memory().numTensors).toBe(tensors);
  return { values, dispatches };
}

describe("a kernel that is switched off", () => {
  let want: readonly Float32Array[];
  beforeAll(async () => {
    const own = await evaluated();
    expect(own.dispatches).toBe(ALL);
    expect(own.values.length).toBe(2 + 1 + depth + 3);
    want = own.values;
  });

  test.each(OF_A_DIT)(
    "runs as its composition amid the others, with the same velocities: %s",
    async (name) => {
      switchOff([name]);
      const { values, dispatches } = await evaluated();
      values.forEach((some, i) => void expectValuesClose(`result ${i}`, some, want[i], ROUNDING));
      expect(dispatches).toBe(ALL - (DISPATCHES[name] ?? 0));
    },
  );

  test("leaves no dispatch where all are", async () => {
    switchOff(GPU_KERNELS);
    const { values, dispatches } = await evaluated();
    values.forEach((some, i) => void expectValuesClose(`result ${i}`, some, want[i], ROUNDING));
    expect(dispatches).toBe(0);
  });

  test.each(["groupStatistics", "groupNormSilu"] as const)(
    "leaves a GroupNorm to TensorFlow.js: %s",
    async (name) => {
      const norm = async () => {
        const before = machine.counts.dispatches;
        const x = tensor4d(normals(3, 0, 2 * 4 * 4 * 8), [2, 4, 4, 8]);
        const y = tidy(() =>
          groupNormSilu(x, tensor1d(normals(4, 0, 8)), tensor1d(normals(5, 0, 8)), 2, 1e-6),
        );
        const values = await y.data<"float32">();
        for (const tensor of [x, y]) tensor.dispose();
        return { values, dispatches: machine.counts.dispatches - before };
      };
      const on = await norm();
      switchOff([name]);
      const off = await norm();
      expectValuesClose("y", off.values, on.values, ROUNDING);
      expect([on.dispatches, off.dispatches]).toEqual([2, 0]);
    },
  );
});

describe("a decoder's kernel that is switched off", () => {
  const config: AutoencoderConfig = {
    kind: "kl",
    image_channels: 3,
    latent_channels: 3,
    hidden_channels: 8,
    channel_multipliers: [1, 2],
    num_residual_blocks: 1,
    use_attention: true,
    residual_scale: 0.7,
    groups: 4,
  };
  const weights = randomWeights(decoderSpec(config), 3);

  const decoded = async () => {
    const tensors = memory().numTensors;
    const before = machine.counts.dispatches;
    const decoder = createDecoder(config, weights);
    const z = tensor4d(normals(5, 0, 2 * 48), [2, 4, 4, 3]);
    const picture = decoder.decode(z);
    const values = await picture.data<"float32">();
    for (const tensor of [z, picture]) tensor.dispose();
    decoder.dispose();
    expect(memory().numTensors).toBe(tensors);
    return { values, dispatches: machine.counts.dispatches - before };
  };
  let want: Awaited<ReturnType<typeof decoded>>;
  let made: readonly GpuKernelName[];
  beforeAll(async () => {
    const prepared = vi.spyOn(machine, "prepare").mock.calls;
    want = await decoded();
    made = prepared.map(([{ kernel }]) => kernel.name);
    expect(want.dispatches).toBe(made.length);
  });

  test.each([["groupStatistics"], ["convolution"], ["attention"], [...GPU_KERNELS]] as const)(
    "runs as its composition amid the others, with the same picture: %s",
    async (...names) => {
      switchOff(names);
      const { values, dispatches } = await decoded();
      // A dozen layers of sums of float32 in another order.
      expectValuesClose("picture", values, want.values, { atol: 5e-5, rtol: 5e-5 });
      const left = made.filter((name) => !names.some((off) => off === name));
      expect(left.length).toBeLessThan(made.length);
      expect(dispatches).toBe(left.length);
    },
  );
});

describe("opening", () => {
  /** Names of the kernels that a device is given to compile; it compiles none of them. */
  const compiled = () => {
    const made = vi
      .spyOn(GPUDevice.prototype, "createComputePipelineAsync")
      .mockImplementation(async function (this: GPUDevice) {
        const module = this.createShaderModule({ code: "@compute @workgroup_size(1) fn main() {}" });
        return this.createComputePipeline({ layout: "auto", compute: { module } });
      });
    return () => made.mock.calls.map(([{ label }]) => label);
  };
  const open = async (kernels: KernelChoice, onPreparing?: OnPreparing) => {
    opened.close();
    opened = await browserBackends.open("webgpu", kernels, onPreparing);
    return opened.kernels;
  };

  test("compiles every kernel of the table, and tells how many are done", async () => {
    const names = compiled();
    const told: string[] = [];
    expect(await open("own", (done, of) => told.push(`${done} of ${of}`))).toBe("our own, WGSL");
    expect(names().toSorted()).toEqual([...GPU_KERNELS].sort());
    const count = GPU_KERNELS.length;
    expect(told).toEqual(Array.from({ length: count + 1 }, (_, done) => `${done} of ${count}`));
  });

  test("does not compile what is switched off, so that a driver may refuse it, and says so", async () => {
    const names = compiled();
    expect(await open({ off: ["attention", "dit", "silu"] })).toBe("our own, WGSL, without attention, silu");
    const left = GPU_KERNELS.filter((name) => name !== "attention" && name !== "silu");
    expect(names().toSorted()).toEqual([...left].sort());
    const runs = (kernel: GpuKernel) => installedGpu()?.runs(kernel);
    expect([ATTENTION, SILU, LINEAR].map(runs)).toEqual([false, false, true]);
  });

  test("tells nothing where no kernels of ours are wanted", async () => {
    const told: number[] = [];
    expect(await open("plain", (done) => told.push(done))).toBe("those of TensorFlow.js");
    expect(told).toEqual([]);
  });
});
