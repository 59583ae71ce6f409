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
  type TensorInfo,
  tensor4d,
  tidy,
  util,
} from "@tensorflow/tfjs-core";
import { object } from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { halfToNumber, toHalfBits } from "#checkpoints/floats.ts";
import { normals } from "#flow/noise.ts";
import { GpuArena } from "#gpu/arena.ts";
import { installGpu } from "#gpu/installed.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import {
  composedDecoder,
  createDecoder,
  createEncoder,
  decoderSpec,
  encoderSpec,
} from "#models/autoencoder.ts";
import type { AutoencoderConfig } from "#models/autoencoderConfig.ts";
import type { Decoder } from "#models/decoder.ts";
import { gpuDecodes } from "#models/gpu/decoderGpu.ts";
import type { WeightMap } from "#models/weights.ts";
import type { OpenedBackend } from "#workers/backends.ts";
import { Comparison } from "../../cli/parity/comparison.ts";
import { autoencoderConfig } from "../../cli/parity/configs.ts";
import {
  inputOf,
  readConfig,
  readGoldenCase,
  weightsOf as weightsOfCase,
} from "../../cli/parity/goldenCase.ts";
import { fromStates, toStates } from "../../cli/parity/hostTensor.ts";
import { KeptTaps } from "../../cli/parity/keptTaps.ts";
import { randomWeights } from "../models/support/randomWeights.ts";
import { expectValuesClose } from "../models/support/valuesClose.ts";
import { goldenFolder } from "./goldenFolder.ts";
import { openWithKernels, valuesOf } from "./ownKernels.ts";

/** Groups of three channels at the top. */
const PLAIN: AutoencoderConfig = {
  kind: "kl",
  image_channels: 3,
  latent_channels: 4,
  hidden_channels: 12,
  channel_multipliers: [1, 2],
  num_residual_blocks: 1,
  use_attention: false,
  residual_scale: 0.7,
  groups: 4,
};
/** Attention, three levels of equal width, latents that fill no vector, a grey picture. */
const MIXING: AutoencoderConfig = {
  ...PLAIN,
  kind: "vq",
  codebook_size: 8,
  image_channels: 1,
  latent_channels: 3,
  hidden_channels: 8,
  channel_multipliers: [1, 1, 1],
  use_attention: true,
};
/** That of the shipped models: 16×16 latents, 64×64 pictures. */
const SHIPPED: AutoencoderConfig = {
  ...PLAIN,
  hidden_channels: 24,
  channel_multipliers: [1, 2, 4],
  residual_scale: 0.70711,
  groups: 8,
};

/** Some dozen sums of float32 after one another against sums of float64, of activations up to 10. */
const ROUNDING = { atol: 5e-5, rtol: 5e-5 };

const weightsOf = (config: AutoencoderConfig): WeightMap => randomWeights(decoderSpec(config), 3);
/** Weights as a file of halves keeps them. */
const halvesOf = (config: AutoencoderConfig): WeightMap =>
  new Map(
    [...weightsOf(config)].map(([name, { shape, values }]) => [
      name,
      { shape, values: Float32Array.from(toHalfBits(values), halfToNumber) },
    ]),
  );
const latents = ({ latent_channels: channels }: AutoencoderConfig, count: number, height = 3, width = 5) =>
  tensor4d(normals(5, 0, count * height * width * channels), [count, height, width, channels]);

/** What a decoder of this backend says, and the names and shapes of its taps. */
async function everything(config: AutoencoderConfig, create: typeof createDecoder, count: number) {
  const decoder = create(config, weightsOf(config));
  const names: string[] = [];
  const tensors = tidy(() => {
    const taps: Tensor[] = [];
    const picture = decoder.decode(latents(config, count), (name, value) => {
      names.push(`${name} ${value.shape}`);
      taps.push(keep(mul(value, 1)));
    });
    names.push(`picture ${picture.shape}`);
    return [...taps, picture];
  });
  decoder.dispose();
  return { names, values: await Promise.all(tensors.map(valuesOf)) };
}

let opened: OpenedBackend;
let machine: GpuMachine;

beforeAll(async () => {
  ({ opened, machine } = await openWithKernels());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await opened.settle(); // the device complained of nothing
});
afterAll(() => opened.close());

describe.each([
  ["two levels, no attention", PLAIN],
  ["three levels, attention, odd latents", MIXING],
])("a decoder on our own WebGPU kernels: %s", (_, config) => {
  test("draws what the composition draws, block by block", async () => {
    await setBackend("cpu");
    const want = await everything(config, composedDecoder, 2);
    await setBackend("webgpu");
    const before = machine.counts.dispatches;
    const got = await everything(config, createDecoder, 2);
    expect(machine.counts.dispatches).toBeGreaterThan(before);
    expect(got.names).toEqual(want.names);
    got.values.forEach((values, i) => void expectValuesClose(got.names[i], values, want.values[i], ROUNDING));
  });

  test.each([2, 8])("picture k of a batch of %i equals it alone, bit for bit", async (count) => {
    const decoder = createDecoder(config, weightsOf(config));
    const z = latents(config, count, 2, 1);
    const together = await valuesOf(decoder.decode(z));
    const size = together.length / count;
    for (const k of [0, 1, count - 1]) {
      const alone = tidy(() => decoder.decode(slice(z, [k, 0, 0, 0], [1, ...z.shape.slice(1)])));
      expect(await valuesOf(alone)).toEqual(together.slice(k * size, (k + 1) * size));
    }
    z.dispose();
    decoder.dispose();
  });

  test("taps change no bit", async () => {
    const decoder = createDecoder(config, weightsOf(config));
    const z = latents(config, 2);
    expect(await valuesOf(decoder.decode(z, () => {}))).toEqual(await valuesOf(decoder.decode(z)));
    z.dispose();
    decoder.dispose();
  });
});

test.each(["02_ae_kl_f4_attn_g6", "02_ae_kl_f8_g4", "02_ae_vq_f4_g32", "02_ae_vq_f8_attn_g8"])(
  "decodes the golden latents of %s, with every tap, within the limits of plain float32",
  async (name) => {
    const whole = await readGoldenCase(goldenFolder, `${name}.json`);
    const drawn = (output: string) => output === "out.decoded_z" || output.startsWith("out.tap_decoder");
    const golden = { ...whole, outputs: whole.outputs.filter(drawn) };
    const { config } = readConfig(golden, object({ config: autoencoderConfig }));
    expect(gpuDecodes(config)).toBe(true);
    const decoder = createDecoder(config, weightsOfCase(golden));
    const compare = new Comparison(golden, golden.limits?.tight ?? null);
    const taps = new KeptTaps();
    const z = toStates(inputOf(golden, "z"));
    const picture = decoder.decode(z, taps.keep);
    compare.output("decoded_z", await fromStates(picture));
    await taps.compare(golden, compare, (tap) => fromStates(tap as Tensor4D));
    expect(compare.verdict().ratio).toBeLessThanOrEqual(1);
    taps.dispose();
    for (const gone of [decoder, z, picture]) gone.dispose();
  },
);

test("a batch that would take too much memory is decoded in parts, with the same bits", async () => {
  const decoder = createDecoder(PLAIN, weightsOf(PLAIN));
  const z = latents(PLAIN, 5);
  const dispatches = async () => {
    const before = machine.counts.dispatches;
    const values = await valuesOf(decoder.decode(z));
    return { values, dispatches: machine.counts.dispatches - before };
  };
  const whole = await dispatches();
  const largest = 4 * (6 * 10) * 24; // bytes of 24 channels, doubled
  limitBindings(2 * largest + 1);
  const submissions = vi.spyOn(machine.device.queue, "submit").mock.calls;
  const parts = await dispatches();
  expect(parts.values).toEqual(whole.values);
  expect(parts.dispatches).toBe(3 * whole.dispatches); // 2 + 2 + 1 pictures
  expect(submissions.length).toBe(2); // and one that reads the pictures
  z.dispose();
  decoder.dispose();
});

/** Makes the device one that binds no more than `bytes` at once. */
function limitBindings(bytes: number): void {
  const { limits } = machine.device;
  vi.spyOn(machine.device, "limits", "get").mockReturnValue(
    new Proxy(limits, {
      get: (target, name: keyof GPUSupportedLimits) =>
        name === "maxStorageBufferBindingSize" ? bytes : target[name],
    }),
  );
}

describe("is left to the composition", () => {
  /** A decode, and how many convolutions of our own it has. */
  async function decoded(decoder: Decoder, z: Tensor4D) {
    const prepare = vi.spyOn(machine, "prepare").mockClear();
    const values = await valuesOf(decoder.decode(z));
    const own = prepare.mock.calls.filter(([{ kernel }]) => kernel.name === "convolution").length;
    return { values, own };
  }

  test.each<[string, AutoencoderConfig]>([
    ["channels that fill no vector", { ...PLAIN, hidden_channels: 6, groups: 2 }],
    ["attention over too many channels", { ...MIXING, hidden_channels: 132 }],
  ])("a config of %s", (_, config) => {
    expect(gpuDecodes(config)).toBe(false);
    expect(gpuDecodes({ ...config, hidden_channels: 128, groups: 4 })).toBe(true);
  });

  test.each([
    ["attention over more than 256 pixels", { ...MIXING, channel_multipliers: [1] }, 257, 1 << 30],
    ["a picture that no binding holds", PLAIN, 2, 4 * (4 * 2) * 24 - 1],
  ])("%s", async (_, config, width, bytes) => {
    const decoder = createDecoder(config, weightsOf(config));
    const small = latents(config, 1, 1, 1);
    const z = latents(config, 1, 1, width);
    expect((await decoded(decoder, small)).own).toBeGreaterThan(0);
    limitBindings(bytes);
    const got = await decoded(decoder, z);
    expect(got.own).toBe(0);
    const composed = composedDecoder(config, weightsOf(config));
    expect(got.values).toEqual((await decoded(composed, z)).values);
    for (const gone of [decoder, composed, small, z]) gone.dispose();
  });
});

test("reads what TensorFlow.js has not yet handed to the device, and hands back what its ops go on with", async () => {
  const drawn = (create: typeof createDecoder) => {
    const decoder = create(PLAIN, weightsOf(PLAIN));
    const picture = tidy(() => mul(decoder.decode(mul(latents(PLAIN, 1), 0.5)), 2));
    decoder.dispose();
    return valuesOf(picture);
  };
  await setBackend("cpu");
  const want = await drawn(composedDecoder);
  await setBackend("webgpu");
  expectValuesClose("picture", await drawn(createDecoder), want, ROUNDING);
});

test("weights of a file of halves are read as halves, two bytes less each", async () => {
  const bytesOf = async (weights: WeightMap) => {
    const decoder = createDecoder(PLAIN, weights);
    const z = latents(PLAIN, 1);
    const before = machine.counts.bytes;
    await valuesOf(decoder.decode(z));
    z.dispose();
    decoder.dispose();
    return machine.counts.bytes - before;
  };
  const halves = halvesOf(PLAIN);
  const whole = (side: number) => 4 * Math.ceil(side / 4);
  const count = [...halves.values()].reduce((sum, { shape: [out, input, ...k] }) => {
    return k.length === 2 ? sum + whole(out) * whole(input) * k[0] * k[1] : sum;
  }, 0);
  expect((await bytesOf(weightsOf(PLAIN))) - (await bytesOf(halves))).toBe(2 * count);
});

test("leaves no tensor and no buffer behind, whatever the latents were", async () => {
  const made = vi.spyOn(machine.device, "createBuffer");
  const tensors = memory().numTensors;
  const decoder = createDecoder(MIXING, weightsOf(MIXING));
  const weights = made.mock.results.length;
  for (const [count, height, width] of [
    [1, 2, 2],
    [3, 2, 2],
    [1, 4, 2],
    [2, 2, 4],
  ]) {
    const z = latents(MIXING, count, height, width);
    decoder.decode(z).dispose();
    if (count === 1) decoder.decode(z, () => {}).dispose();
    z.dispose();
  }
  decoder.dispose();
  expect(() => decoder.decode(latents(MIXING, 1))).toThrow();
  expect(memory().numTensors).toBe(tensors + 1); // those latents
  const own = made.mock.results
    .map(({ value }) => value as GPUBuffer)
    .filter(({ label }) => label === GpuArena.name);
  expect(own.length).toBe(weights + 4 * 6); // latents, pictures, three activations, statistics
  for (const buffer of own) {
    machine.device.pushErrorScope("validation");
    machine.device.queue.writeBuffer(buffer, 0, new Uint32Array(1));
    expect((await machine.device.popErrorScope())?.message).toMatch(/destroyed/);
  }
});

describe("commands of the shipped decoder", () => {
  test.each([1, 4])("%i pictures: 40 dispatches in one submission", (count) => {
    const decoder = createDecoder(SHIPPED, weightsOf(SHIPPED));
    const z = latents(SHIPPED, count, 1, 1); // as many commands as for 16×16
    decoder.decode(z).dispose();
    const dispatches = vi.spyOn(GPUComputePassEncoder.prototype, "dispatchWorkgroups").mock.calls;
    const submissions = vi.spyOn(machine.device.queue, "submit").mock.calls;
    decoder.decode(z).dispose();
    // 8 residual blocks, 2 of which change the channels, 2 that double the picture, 2 before them and 2 behind.
    expect(dispatches.length).toBe(8 * 4 + 2 + 2 + 2 + 2);
    expect(submissions.length).toBe(1);
    z.dispose();
    decoder.dispose();
  });

  test.each([
    ["float32", weightsOf(SHIPPED), 20.0],
    ["halves", halvesOf(SHIPPED), 18.2],
  ])("with weights as %s move so many megabytes", (_, weights, megabytes) => {
    const decoder = createDecoder(SHIPPED, weights);
    const z = latents(SHIPPED, 1, 16, 16);
    vi.spyOn(machine.device.queue, "submit").mockReturnValue(undefined); // counted, not run
    const before = machine.counts.bytes;
    decoder.decode(z).dispose();
    expect((machine.counts.bytes - before) / 1e6).toBeCloseTo(megabytes, 1);
    z.dispose();
    decoder.dispose();
  });

  test.each([
    ["with our own normalisations", true, 75, 36.9],
    ["of tfjs's ops alone", false, 262, 111.3],
  ])("the composition %s takes more of both", (_, normalisations, programs, megabytes) => {
    if (!normalisations) installGpu(null);
    const decoder = composedDecoder(SHIPPED, weightsOf(SHIPPED));
    // Counted, not run: software would compute it for minutes.
    const gpu = backend() as WebGPUBackend;
    let bytes = 0;
    const sizeOf = ({ shape }: TensorInfo) => 4 * util.sizeFromShape(shape);
    const runs = vi
      .spyOn(gpu, "runWebGPUProgram")
      .mockImplementation(({ outputShape }, inputs, dtype, _uniforms, output) => {
        const result = output ?? gpu.makeTensorInfo(outputShape, dtype);
        bytes += [...inputs, result].reduce((sum, tensor) => sum + sizeOf(tensor), 0);
        return result;
      }).mock.calls;
    vi.spyOn(machine.device.queue, "submit").mockReturnValue(undefined);
    const z = latents(SHIPPED, 1, 16, 16);
    const before = machine.counts;
    decoder.decode(z).dispose();
    const { counts } = machine;
    expect(runs.length + counts.dispatches - before.dispatches).toBe(programs);
    expect((bytes + counts.bytes - before.bytes) / 1e6).toBeCloseTo(megabytes, 1);
    installGpu(machine);
    z.dispose();
    decoder.dispose();
  });
});

test("an encoder has its normalisations in two dispatches each", async () => {
  const weights = randomWeights(encoderSpec(PLAIN), 3);
  const encode = async () => {
    const encoder = createEncoder(PLAIN, weights);
    const images = tensor4d(normals(6, 0, 2 * 4 * 6 * 3), [2, 4, 6, 3]);
    const encoding = await encoder.encode(images);
    if (encoding.kind !== "kl") throw new Error("not a KL encoding");
    const values = await Promise.all([encoding.mean, encoding.logvar].map(valuesOf));
    images.dispose();
    encoder.dispose();
    return values;
  };
  await setBackend("cpu");
  const want = await encode();
  await setBackend("webgpu");
  const before = machine.counts.dispatches;
  const tensors = memory().numTensors;
  const got = await encode();
  expect(machine.counts.dispatches - before).toBe(2 * 9 * 2); // two norms a block, of which there are 4, and the last
  expect(memory().numTensors).toBe(tensors);
  got.forEach((values, i) => void expectValuesClose("moments", values, want[i], ROUNDING));
});
