import "@tensorflow/tfjs-backend-cpu";
import {
  add,
  image,
  mul,
  setBackend,
  type Tensor4D,
  tensor1d,
  tensor4d,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { halfToNumber, toHalfBits } from "#checkpoints/floats.ts";
import type { GpuArena } from "#gpu/arena.ts";
import { convolution } from "#gpu/convolution.ts";
import { placeFilter } from "#gpu/filter.ts";
import { groupStatistics } from "#gpu/groupNormSilu.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { conv2d } from "#kernels/conv2d.ts";
import { groupNorm } from "#kernels/groupNorm.ts";
import { groupNormSilu } from "#kernels/groupNormSilu.ts";
import { numbers, openMachine, padded, run } from "../gpu/support.ts";
import { expectValuesClose } from "../models/support/valuesClose.ts";

let machine: GpuMachine;
beforeAll(async () => {
  machine = await openMachine();
  await setBackend("cpu"); // where the compositions are computed, sums in float64
});
afterAll(() => machine.device.destroy());

const EPS = 1e-6;
/** Sums of a few hundred products of order 1 in float32, and functions whose last digits are the driver's own. */
const ROUNDING = { atol: 2e-5, rtol: 2e-5 };

/** A convolution, with all that may be done before and behind it. */
interface Case {
  /** Of the result. */
  readonly size: readonly [images: number, height: number, width: number];
  readonly inputs: number;
  readonly outputs: number;
  readonly k: 1 | 3;
  readonly groups?: number;
  readonly silu?: boolean;
  readonly doubled?: boolean;
  readonly kept?: number;
}

/** Numbers of a case: x as it is stored, the filter [out,in,k,k], and what y holds before. */
function valuesOf({ size: [images, height, width], inputs, outputs, k, doubled }: Case) {
  const pixels = images * height * width;
  return {
    x: numbers(1, (doubled ? pixels / 4 : pixels) * inputs),
    filter: numbers(2, outputs * inputs * k * k, 1 / Math.sqrt(inputs * k * k)),
    bias: numbers(3, outputs),
    gamma: numbers(4, inputs),
    beta: numbers(5, inputs),
    before: numbers(6, pixels * outputs),
  };
}
type Values = ReturnType<typeof valuesOf>;

/** What the kernel makes of it, and the bytes that it says it moves. */
async function onKernel(of: Case, values: Values = valuesOf(of)) {
  const { size, inputs, outputs, k, groups, silu = false, doubled = false, kept } = of;
  const [images, height, width] = size;
  let bytes = 0;
  const write = (arena: GpuArena) => {
    const { x, filter, bias, gamma, beta, before } = values;
    const from = arena.place(padded(x, inputs));
    const output = arena.place(before);
    const statistics = arena.reserve(2 * images * (groups ?? 1));
    const norm = groups && {
      statistics,
      factors: arena.place(Float32Array.of(...gamma, ...beta)),
      groups,
      active: silu,
    };
    const placed = placeFilter(arena, { shape: [outputs, inputs, k, k], values: filter }, bias);
    const options = { doubled, kept, ...(norm && { norm }) };
    const call = convolution(from, placed, output, { images, height, width }, options);
    bytes = call.bytes;
    const pixels = doubled ? (height * width) / 4 : height * width;
    const sizes = { images, pixels, channels: inputs, groups: groups ?? 1 };
    return { call: groups ? [groupStatistics(from, statistics, sizes, EPS), call] : call, output };
  };
  const got = await run(machine, write);
  return { values: got.subarray(0, values.before.length), bytes };
}

/** What the composition of tfjs ops makes of it. */
const composed = (of: Case, values: Values = valuesOf(of)): Float32Array =>
  tidy(() => {
    const { size, inputs, outputs, k, groups, silu, doubled, kept } = of;
    const [images, height, width] = size;
    const stored = tensor4d(values.x, [
      images,
      height / (doubled ? 2 : 1),
      width / (doubled ? 2 : 1),
      inputs,
    ]);
    const factors = [tensor1d(values.gamma), tensor1d(values.beta)] as const;
    const norm = silu ? groupNormSilu : groupNorm;
    const read = groups ? norm.reference(stored, ...factors, groups, EPS) : stored;
    const whole = doubled ? image.resizeNearestNeighbor(read, [height, width]) : read;
    const filter: Tensor4D = transpose(tensor4d(values.filter, [outputs, inputs, k, k]), [2, 3, 1, 0]);
    const result = conv2d.reference(whole, filter, tensor1d(values.bias));
    const before = tensor4d(values.before, [images, height, width, outputs]);
    return (kept === undefined ? result : add(result, mul(before, kept))).dataSync<"float32">().slice();
  });

describe("a convolution", () => {
  test.each<[string, Case]>([
    ["of one pixel", { size: [1, 1, 1], inputs: 4, outputs: 4, k: 3 }],
    ["of 32 outputs, pictures larger than a tile", { size: [2, 9, 11], inputs: 12, outputs: 32, k: 3 }],
    ["of 16 outputs, pictures larger than a tile", { size: [1, 9, 17], inputs: 8, outputs: 16, k: 3 }],
    ["of 24 outputs, pictures larger than a tile", { size: [1, 9, 18], inputs: 20, outputs: 24, k: 3 }],
    ["of 3 outputs, pictures larger than a tile", { size: [2, 17, 19], inputs: 8, outputs: 3, k: 3 }],
    ["of inputs and outputs that fill no vector", { size: [1, 5, 3], inputs: 3, outputs: 7, k: 3 }],
    ["of 100 channels, where the last tile is cut", { size: [1, 4, 4], inputs: 100, outputs: 100, k: 3 }],
    ["of single pixels", { size: [2, 5, 7], inputs: 12, outputs: 20, k: 1 }],
    ["of x twice as large", { size: [2, 6, 10], inputs: 8, outputs: 12, k: 3, doubled: true }],
    ["that is added", { size: [2, 5, 3], inputs: 8, outputs: 5, k: 3, kept: 0.7 }],
    ["of normal numbers", { size: [2, 5, 3], inputs: 12, outputs: 8, k: 1, groups: 4 }],
    ["behind SiLU", { size: [2, 5, 9], inputs: 8, outputs: 8, k: 3, groups: 2, silu: true }],
    [
      "behind SiLU, groups of three",
      { size: [3, 7, 9], inputs: 24, outputs: 3, k: 3, groups: 8, silu: true },
    ],
    [
      "with all of that",
      { size: [2, 6, 2], inputs: 20, outputs: 6, k: 3, groups: 5, silu: true, doubled: true, kept: -0.5 },
    ],
    ["of 64 pictures", { size: [64, 2, 3], inputs: 8, outputs: 4, k: 3, groups: 2, silu: true, kept: 1 }],
  ])("%s is that of its composition", async (_, of) => {
    expectValuesClose("y", (await onKernel(of)).values, composed(of), ROUNDING);
  });

  test("pads what the norm and SiLU leave, not what they read", async () => {
    const of: Case = { size: [1, 1, 1], inputs: 4, outputs: 4, k: 3, groups: 1, silu: true };
    const values = { ...valuesOf(of), beta: new Float32Array(4).fill(5) };
    // The middle of the filter alone meets something: beta, and what the picture says.
    const middle = values.filter.map((weight, i) => (i % 9 === 4 ? weight : 0));
    const got = await onKernel(of, values);
    expect(got.values).toEqual((await onKernel(of, { ...values, filter: middle })).values);
    expectValuesClose("y", got.values, composed(of, values), ROUNDING);
  });

  const NORMED: Case = { size: [2, 9, 9], inputs: 8, outputs: 8, k: 3, groups: 2, silu: true };
  const filled = (x: (value: number, i: number) => number): Values => {
    const values = valuesOf(NORMED);
    return { ...values, x: values.x.map(x) };
  };
  test.each<[string, Values, number]>([
    ["numbers of 1e4", filled((value) => value * 1e4), 1],
    ["numbers of 1e15", filled((value) => value * 1e15), 1],
    ["numbers whose variance is far below eps", filled((value) => value * 1e-5), 1],
    ["groups without variance, at 0", filled(() => 0), 1],
    ["groups without variance, at 1e4", filled(() => 1e4), 1],
    // Summed up 324 times and divided, it is another number.
    ["groups without variance, at a number of many digits", filled(() => 10000.1), 1],
    ["one group without variance beside one with", filled((value, i) => (i % 8 < 4 ? 3 : value)), 1],
    // 1e4 has 10 bits behind the point left, of a spread of 1.
    ["a mean ten thousand times the spread", filled((value) => value + 1e4), 300],
    ["SiLU at ±1e4", { ...valuesOf(NORMED), gamma: numbers(4, 8, 1e4) }, 1e4],
  ])("is right for %s", async (_, values, factor) => {
    const got = (await onKernel(NORMED, values)).values;
    const limits = { atol: ROUNDING.atol * factor, rtol: ROUNDING.rtol };
    expectValuesClose("y", got, composed(NORMED, values), limits);
    expect(got.every(Number.isFinite)).toBe(true);
  });

  test("of large numbers that no norm tames is right", async () => {
    const of: Case = { size: [1, 4, 5], inputs: 12, outputs: 8, k: 3, kept: 1 };
    const values = valuesOf(of);
    const large = { ...values, x: values.x.map((value) => value * 1e4) };
    const limits = { atol: ROUNDING.atol * 1e4, rtol: ROUNDING.rtol };
    expectValuesClose("y", (await onKernel(of, large)).values, composed(of, large), limits);
  });

  test.each([4, 8, 24, 32])(
    "to %i channels gives a picture of a batch the bits that it has alone",
    async (outputs) => {
      const of: Case = { size: [5, 6, 10], inputs: 12, outputs, k: 3, groups: 3, silu: true, kept: 0.7 };
      const values = valuesOf(of);
      const together = (await onKernel(of, values)).values;
      for (const k of [0, 2, 4]) {
        const part = (all: Float32Array) => all.slice((k * all.length) / 5, ((k + 1) * all.length) / 5);
        const alone = { ...values, x: part(values.x), before: part(values.before) };
        const single = await onKernel({ ...of, size: [1, 6, 10] }, alone);
        expect(single.values).toEqual(part(together));
      }
    },
  );

  test("has equal bits with weights as halves and as float32, and reads half the bytes", async () => {
    const of: Case = { size: [1, 6, 5], inputs: 12, outputs: 20, k: 3 };
    const values = valuesOf(of);
    // Every other input is 0 where the weights have more digits than a half, so that no sum changes.
    const filter = Float32Array.from(toHalfBits(values.filter), halfToNumber);
    const x = values.x.map((value, i) => (i % 12 === 0 ? 0 : value));
    const spoilt = filter.map((weight, i) => (Math.floor(i / 9) % 12 === 0 ? weight + 2 ** -20 : weight));
    const packed = await onKernel(of, { ...values, x, filter });
    const wide = await onKernel(of, { ...values, x, filter: spoilt });
    expect(packed.values).toEqual(wide.values);
    expect(wide.bytes - packed.bytes).toBe(2 * filter.length);
  });
});
