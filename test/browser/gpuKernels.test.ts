import "@tensorflow/tfjs-backend-cpu";
import {
  add,
  concat,
  reshape,
  setBackend,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  tensor1d,
  tensor2d,
  tensor3d,
  tensor4d,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { halfToNumber, toHalfBits } from "#checkpoints/floats.ts";
import type { GpuArena } from "#gpu/arena.ts";
import { attention } from "#gpu/attention.ts";
import { finalLayer, MOVE_NUMBERS } from "#gpu/finalLayer.ts";
import { groupNormSilu } from "#gpu/groupNormSilu.ts";
import { MOST_GROUPS, vectors } from "#gpu/kernel.ts";
import { type GpuLayer, placeLayer } from "#gpu/layer.ts";
import { linear, linearAdded, linearGated, linearGelu } from "#gpu/linear.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { modulatedLayerNorm } from "#gpu/modulatedLayerNorm.ts";
import { patchEmbedding } from "#gpu/patchEmbedding.ts";
import { silu } from "#gpu/silu.ts";
import { attention as attentionOf } from "#kernels/attention.ts";
import { gateResidual } from "#kernels/gateResidual.ts";
import { geluTanh } from "#kernels/geluTanh.ts";
import { groupNormSilu as groupNormSiluOf } from "#kernels/groupNormSilu.ts";
import { linear as linearOf } from "#kernels/linear.ts";
import { modulatedLayerNorm as modulatedLayerNormOf } from "#kernels/modulatedLayerNorm.ts";
import { patchify, unpatchify } from "#kernels/patches.ts";
import { silu as siluOf } from "#kernels/silu.ts";
import { expectOneRounding } from "../gpu/oneRounding.ts";
import { numbers, openMachine, padded, run } from "../gpu/support.ts";
import { expectValuesClose } from "../models/support/valuesClose.ts";

let machine: GpuMachine;
beforeAll(async () => {
  machine = await openMachine();
  await setBackend("cpu"); // where the compositions are computed, sums in float64
});
afterAll(() => machine.device.destroy());

/** Sums of a few hundred products of order 1 in float32, and functions whose last digits are the driver's own. */
const ROUNDING = { atol: 2e-5, rtol: 2e-5 };
const valuesOf = (composition: () => Tensor): Float32Array => tidy(() => composition().dataSync<"float32">());
/** Values as a file of halves keeps them. */
const rounded = (values: Float32Array): Float32Array =>
  Float32Array.from(toHalfBits(values), (bits) => halfToNumber(bits));

/** A layer [in,out] of normal numbers. */
function layerOf(inputs: number, outputs: number, scale = 1) {
  const matrix = numbers(2, inputs * outputs, scale / Math.sqrt(inputs)); // [out,in]
  const bias = numbers(3, outputs);
  return {
    place: (arena: GpuArena): GpuLayer => placeLayer(arena, matrix, bias, inputs),
    composition: (x: Tensor2D): Tensor2D =>
      linearOf.reference(x, transpose(tensor2d(matrix, [outputs, inputs])), tensor1d(bias)),
  };
}

describe("a product", () => {
  test.each([
    [1, 4, 4],
    [3, 5, 7],
    [33, 36, 68],
    [64, 130, 12],
    [100, 64, 96],
  ])("of %i rows, %i inputs and %i outputs is that of its composition", async (rows, inputs, outputs) => {
    const x = numbers(1, rows * inputs);
    const { place, composition } = layerOf(inputs, outputs);
    const got = await run(machine, (arena) => {
      const output = arena.reserve(rows * 4 * vectors(outputs));
      return { call: linear(arena.place(padded(x, inputs)), place(arena), output, rows), output };
    });
    const want = valuesOf(() => composition(tensor2d(x, [rows, inputs])));
    expectValuesClose("y", got, padded(want, outputs), ROUNDING); // zeros behind each row's end
  });

  test("goes into a part of wider rows and leaves the rest alone", async () => {
    const [rows, inputs, outputs, width, start] = [5, 8, 12, 32, 16];
    const x = numbers(1, rows * inputs);
    const { place, composition } = layerOf(inputs, outputs);
    const before = numbers(4, rows * width);
    const got = await run(machine, (arena) => {
      const output = arena.place(before);
      return { call: linear(arena.place(x), place(arena), output, rows, { width, start }), output };
    });
    const want = valuesOf(() => composition(tensor2d(x, [rows, inputs])));
    const inside = (i: number) => i % width >= start && i % width < start + outputs;
    const expected = before.map((value, i) =>
      inside(i) ? want[Math.floor(i / width) * outputs + (i % width) - start] : value,
    );
    expectValuesClose("y", got, expected, ROUNDING);
  });

  test("with GELU is right from −∞'s side to +∞'s", async () => {
    const [rows, inputs, outputs] = [9, 8, 20];
    const x = numbers(1, rows * inputs, 20); // sums to ±60, where σ is 0 or 1 to the last digit
    const { place, composition } = layerOf(inputs, outputs, 3);
    const got = await run(machine, (arena) => {
      const output = arena.reserve(rows * outputs);
      return { call: linearGelu(arena.place(x), place(arena), output, rows), output };
    });
    const want = valuesOf(() => geluTanh.reference(composition(tensor2d(x, [rows, inputs]))));
    expect(want.some((value) => value > 100)).toBe(true);
    expectValuesClose("y", got, want, { atol: 2e-4, rtol: 2e-5 }); // of sums whose terms are 60 times as large
  });

  test("is gated by the row of its own sample, and added to what is there", async () => {
    const [samples, tokens, inputs, D] = [3, 7, 12, 36];
    const rows = samples * tokens;
    const [x, stream, table] = [numbers(1, rows * inputs), numbers(4, rows * D), numbers(5, 4 * 3 * D)];
    const rowOf = [2, 0, 3];
    const { place, composition } = layerOf(inputs, D);
    const got = await run(machine, (arena) => {
      const output = arena.place(stream);
      const gate = { tableWidth: 3 * D, start: 2 * D };
      const call = linearGated(arena.place(x), place(arena), output, { rows, tokens }, gate);
      return { call, output, table: [arena.place(table), arena.place(Uint32Array.from(rowOf))] };
    });
    const want = valuesOf(() => {
      const gates = concat(
        rowOf.map((row) => tensor3d(table.subarray((3 * row + 2) * D, (3 * row + 3) * D), [1, 1, D])),
      );
      const branch: Tensor3D = reshape(composition(tensor2d(x, [rows, inputs])), [samples, tokens, D]);
      return gateResidual.reference(tensor3d(stream, [samples, tokens, D]), gates, branch);
    });
    expectValuesClose("y", got, want, ROUNDING);
  });

  test("has the row of a table added that each of its rows asks for", async () => {
    const [rows, inputs, D] = [5, 8, 20];
    const [x, table, rowOf] = [numbers(1, rows * inputs), numbers(5, 3 * D), [1, 0, 2, 2, 1]];
    const { place, composition } = layerOf(inputs, D);
    const got = await run(machine, (arena) => {
      const output = arena.reserve(rows * D);
      const call = linearAdded(arena.place(x), place(arena), output, rows);
      return { call, output, table: [arena.place(table), arena.place(Uint32Array.from(rowOf))] };
    });
    const want = valuesOf(() => {
      const added = rowOf.map((row) => tensor2d(table.subarray(row * D, (row + 1) * D), [1, D]));
      return add(composition(tensor2d(x, [rows, inputs])), concat(added));
    });
    expectValuesClose("y", got, want, ROUNDING);
  });

  test("has equal bits with weights as halves and as float32, and reads half the bytes", async () => {
    const [rows, inputs, outputs] = [10, 40, 48];
    const x = numbers(1, rows * inputs);
    const matrix = rounded(numbers(2, inputs * outputs));
    const bias = numbers(3, outputs);
    const multiply = async (widen: boolean) => {
      let bytes = 0;
      const values = await run(machine, (arena) => {
        const packed = placeLayer(arena, matrix, bias, inputs);
        expect(packed.halves).toBe(true);
        const columns = matrix.map((_, i) => matrix[(i % outputs) * inputs + Math.floor(i / outputs)]);
        const wide = { ...packed, weight: arena.place(columns), halves: false, scale: 1 };
        const output = arena.reserve(rows * outputs);
        const call = linear(arena.place(x), widen ? wide : packed, output, rows);
        bytes = call.bytes;
        return { call, output };
      });
      return { values, bytes };
    };
    const [halves, wide] = [await multiply(false), await multiply(true)];
    expect(halves.values).toEqual(wide.values);
    expect(wide.bytes - halves.bytes).toBe(2 * inputs * outputs);
  });

  test("of a row has equal bits in any place, whatever stands beside it", async () => {
    const [rows, inputs, outputs] = [70, 20, 36];
    const x = numbers(1, rows * inputs);
    const { place } = layerOf(inputs, outputs);
    const multiply = (first: number, count: number) =>
      run(machine, (arena) => {
        const output = arena.reserve(count * outputs);
        const part = arena.place(x.slice(first * inputs, (first + count) * inputs));
        return { call: linear(part, place(arena), output, count), output };
      });
    const together = await multiply(0, rows);
    for (const row of [0, 31, 69])
      expect(await multiply(row, 1)).toEqual(together.slice(row * outputs, (row + 1) * outputs));
  });
});

describe("a modulated LayerNorm", () => {
  test.each([
    ["one vector a row", 2, 3, 4, 1, 0],
    ["fewer vectors than threads", 3, 5, 20, 1, 0],
    ["more vectors than threads", 2, 2, 388, 1, 0],
    ["a mean a thousand times the spread", 2, 4, 64, 1, 1000],
    ["large values", 2, 4, 64, 1e15, 0],
    ["values whose variance is far below 1e-6", 2, 4, 64, 1e-5, 0],
  ])("is right for %s", async (_, samples, tokens, D, scale, mean) => {
    const x = numbers(1, samples * tokens * D, scale).map((value) => value + mean);
    const table = numbers(2, 3 * 4 * D);
    const rowOf = Array.from({ length: samples }, (_unused, sample) => 2 - sample);
    const [tableWidth, shiftAt, scaleAt] = [4 * D, D, 3 * D];
    const got = await run(machine, (arena) => {
      const output = arena.reserve(x.length);
      const size = { rows: samples * tokens, tokens, D };
      const [shift, factor] = [shiftAt, scaleAt].map((start) => ({ tableWidth, start }));
      const call = modulatedLayerNorm(arena.place(x), output, size, shift, factor);
      return { call, output, table: [arena.place(table), arena.place(Uint32Array.from(rowOf))] };
    });
    const want = valuesOf(() => {
      const part = (start: number) =>
        concat(
          rowOf.map((row) => {
            const first = row * tableWidth + start;
            return tensor3d(table.subarray(first, first + D), [1, 1, D]);
          }),
        );
      return modulatedLayerNormOf.reference(tensor3d(x, [samples, tokens, D]), part(shiftAt), part(scaleAt));
    });
    // Around a large mean the input's own digits are worth that much.
    expectValuesClose("y", got, want, mean === 0 ? ROUNDING : { atol: 2e-3, rtol: 1e-4 });
  });

  test("spreads rows over both sides of a grid, which a device bounds", async () => {
    const [rows, D] = [MOST_GROUPS + 1, 4];
    const x = numbers(1, rows * D);
    const got = await run(machine, (arena) => {
      const output = arena.reserve(rows * D);
      const part = (start: number) => ({ tableWidth: 2 * D, start });
      const call = modulatedLayerNorm(arena.place(x), output, { rows, tokens: rows, D }, part(0), part(D));
      return { call, output, table: [arena.reserve(2 * D), arena.reserve(1)] };
    });
    const norm = (row: number) => {
      const values = [...x.subarray(row * D, (row + 1) * D)];
      const average = values.reduce((sum, value) => sum + value, 0) / D;
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / D;
      return values.map((value) => (value - average) / Math.sqrt(variance + 1e-6));
    };
    for (const row of [0, 1, MOST_GROUPS - 1, MOST_GROUPS])
      expectValuesClose(`row ${row}`, got.subarray(row * D, (row + 1) * D), norm(row), ROUNDING);
  });
});

describe("attention", () => {
  test.each([
    ["one token", 2, 1, 2, 4, 1],
    ["odd sizes", 3, 25, 5, 4, 1],
    ["64 tokens, 64 channels", 1, 64, 2, 64, 1],
    ["the most tokens and channels", 1, 256, 1, 128, 1],
    ["scores of hundreds, of which one wins", 2, 9, 1, 16, 12],
  ])("is right for %s", async (_, samples, tokens, heads, d, scale) => {
    const D = heads * d;
    const qkv = numbers(1, samples * tokens * 3 * D, scale);
    const got = await run(machine, (arena) => {
      const output = arena.reserve(samples * tokens * D);
      return { call: attention(arena.place(qkv), output, { samples, tokens, D, heads }), output };
    });
    const want = valuesOf(() =>
      attentionOf.reference(tensor2d(qkv, [samples * tokens, 3 * D]), samples, heads),
    );
    expectValuesClose("y", got, want, { atol: 2e-5 * scale ** 2, rtol: 2e-5 }); // scores are squares of the scale
  });
});

test("silu is right from −∞'s side to +∞'s", async () => {
  const x = Float32Array.of(-1e30, -200, -88, -3, -0, 0, 1e-20, 0.5, 3, 88, 200, 1e30);
  const got = await run(machine, (arena) => {
    const output = arena.place(x);
    return { call: silu(output, x.length), output };
  });
  const want = valuesOf(() => siluOf(tensor2d(x, [1, x.length])));
  // Behind −80, the exponential is cut off: what is left is a number times e^−80.
  expectValuesClose("y", got.subarray(1), want.subarray(1), { atol: 1e-30, rtol: 2e-6 });
  expect(Math.abs(got[0])).toBeLessThan(1e-4);
});

describe("a GroupNorm with SiLU", () => {
  test.each([
    ["one channel a group, one pixel a thread", 2, 3, 5, 5, 1, 0],
    ["groups of three channels", 3, 5, 6, 2, 1, 0],
    ["more numbers than threads", 1, 24, 12, 4, 1, 0],
    ["one group", 2, 4, 8, 1, 1, 0],
    ["a mean a hundred times the spread", 2, 6, 4, 2, 1, 100],
    ["values whose variance is far below eps", 1, 6, 4, 2, 1e-5, 0],
  ])("is right for %s", async (_, images, side, channels, groups, scale, mean) => {
    const x = numbers(1, images * side * side * channels, scale).map((value) => value + mean);
    const [gamma, beta] = [numbers(2, channels, 3), numbers(3, channels, 3)];
    const got = await run(machine, (arena) => {
      const output = arena.reserve(x.length);
      const factors = [arena.place(gamma), arena.place(beta)] as const;
      const sizes = { images, pixels: side * side, channels, groups };
      const statistics = arena.reserve(2 * images * groups);
      return { call: groupNormSilu(arena.place(x), factors, statistics, output, sizes, 1e-6), output };
    });
    const want = valuesOf(() =>
      groupNormSiluOf.reference(
        tensor4d(x, [images, side, side, channels]),
        tensor1d(gamma),
        tensor1d(beta),
        groups,
        1e-6,
      ),
    );
    expectValuesClose("y", got, want, mean === 0 ? ROUNDING : { atol: 1e-3, rtol: 1e-4 }); // digits of the mean
  });
});

describe("patches", () => {
  const [side, channels, D] = [6, 3, 20];

  test.each([1, 2, 3])(
    "of side %i are embedded, each state twice where guidance asks for it",
    async (patch) => {
      const [images, samples, tokens] = [2, 4, (side / patch) ** 2];
      const x = numbers(1, images * side * side * channels);
      const inputs = patch * patch * channels;
      const [weight, bias, positions] = [numbers(2, inputs * D), numbers(3, D), numbers(4, tokens * D)];
      const got = await run(machine, (arena) => {
        const output = arena.reserve(samples * tokens * D);
        const weights = {
          weight: arena.place(weight),
          bias: arena.place(bias),
          positions: arena.place(positions),
        };
        const sizes = { side, patch, channels, D };
        return { call: patchEmbedding(arena.place(x), weights, output, sizes, { samples, images }), output };
      });
      const want = valuesOf(() => {
        const rows = patchify(tensor4d(x, [images, side, side, channels]), patch);
        const tokensOf: Tensor3D = reshape(
          linearOf.reference(rows, tensor2d(weight, [inputs, D]), tensor1d(bias)),
          [images, tokens, D],
        );
        const once = add(tokensOf, tensor2d(positions, [tokens, D]));
        return concat([once, once]);
      });
      expectValuesClose("y", got, want, ROUNDING);
    },
  );

  test.each([
    ["", null],
    [", guided", 2.5],
  ])("come with the state that they lead to%s", async (_, guidance) => {
    const [images, patch, factor] = [2, 2, 0.3];
    const samples = guidance === null ? images : 2 * images;
    const outputs = patch * patch * channels;
    const count = images * side * side * channels;
    const [x, weight] = [numbers(1, (samples * side * side * D) / patch ** 2), numbers(2, outputs * D, 0.3)];
    const [bias, base] = [numbers(3, outputs), numbers(4, count, 3)];
    const written = (asked: "velocity" | "alone" | "next") =>
      run(machine, (arena) => {
        const [velocity, next] = [arena.reserve(count), arena.reserve(count)];
        const weights = { weight: arena.place(weight), bias: arena.place(bias) };
        const sizes = { side, patch, channels, D, allChannels: channels };
        const move = { base: arena.place(base), next, factor, block: arena.block(MOVE_NUMBERS) };
        const asks = asked === "alone" ? null : move;
        const call = finalLayer(arena.place(x), weights, velocity, sizes, { images, guidance }, asks);
        return { call, output: asked === "next" ? next : velocity };
      });
    const velocity = await written("velocity");
    expect(velocity).toEqual(await written("alone"));
    const want = velocity.map((v, i) => Math.fround(base[i] + Math.fround(Math.fround(factor) * v)));
    expectOneRounding(await written("next"), want, velocity, factor);
  });

  test.each([
    ["", 2, 3, null],
    [", a variance left aside", 1, 6, null],
    [", guided", 3, 3, 2.5],
    [", guided by 0: the unconditional ones", 2, 6, 0],
  ])("are put back into place%s", async (_, patch, allChannels, guidance) => {
    const [images, tokens] = [2, (side / patch) ** 2];
    const samples = guidance === null ? images : 2 * images;
    const outputs = patch * patch * allChannels;
    const [x, weight, bias] = [
      numbers(1, samples * tokens * D),
      numbers(2, outputs * D, 0.3),
      numbers(3, outputs),
    ];
    const got = await run(machine, (arena) => {
      const output = arena.reserve(images * side * side * channels);
      const weights = { weight: arena.place(weight), bias: arena.place(bias) };
      const sizes = { side, patch, channels, D, allChannels };
      return { call: finalLayer(arena.place(x), weights, output, sizes, { images, guidance }), output };
    });
    const all = valuesOf(() => {
      const matrix = transpose(tensor2d(weight, [outputs, D]));
      const rows = linearOf.reference(tensor2d(x, [samples * tokens, D]), matrix, tensor1d(bias));
      return unpatchify(reshape(rows, [samples, tokens, outputs]), patch);
    });
    const velocityAt = (i: number) => all[Math.floor(i / channels) * allChannels + (i % channels)];
    const count = images * side * side * channels;
    const want = Array.from({ length: count }, (_unused, i) => {
      const [conditional, unconditional] = [velocityAt(i), velocityAt(i + count)];
      return guidance === null ? conditional : unconditional + guidance * (conditional - unconditional);
    });
    expectValuesClose("velocity", got, want, ROUNDING);
  });
});
