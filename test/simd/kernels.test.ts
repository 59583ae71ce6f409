import { describe, expect, test } from "vitest";
import { packConvolution } from "#models/simd/simdConvolution.ts";
import { LANES, wholeLanes } from "#simd/tiles.ts";
import { packPanels } from "./panels.ts";
import { newMachine, numbers, placeRows, rowsAt, tilesOf } from "./support.ts";

/** x·Wᵀ + b in float64; W [outputs,inputs] as checkpoints store it. */
function exactLinear(
  x: Float32Array,
  weight: Float32Array,
  bias: Float32Array,
  inputs: number,
): Float64Array {
  const [rows, outputs] = [x.length / inputs, bias.length];
  const y = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outputs; out++) {
      let sum = bias[out];
      for (let k = 0; k < inputs; k++) sum += x[row * inputs + k] * weight[out * inputs + k];
      y[row * outputs + out] = sum;
    }
  }
  return y;
}

/** Rounding of `terms` products that are added in float32: at most their count times half a unit, and much less in fact. */
const roundingOf = (terms: number, size: number): number => terms * 2 ** -24 * size;

function expectNear(got: Float32Array, want: Float64Array, within: number): void {
  expect(got.length).toBe(want.length);
  let worst = 0;
  want.forEach((value, index) => {
    const distance = Math.abs(got[index] - value);
    worst = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(worst, distance);
  });
  expect(worst).toBeLessThanOrEqual(within);
}

const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

describe("products", () => {
  test.each([
    [1, 1, 1],
    [3, 5, 7],
    [4, 8, 4],
    [5, 16, 12],
    [64, 256, 96],
    [9, 20, 60],
  ])(
    "are right for %i rows, %i inputs, %i outputs, whatever lies in the padding",
    (rows, inputs, outputs) => {
      const machine = newMachine();
      const [x, weight, bias] = [
        numbers(1, rows * inputs),
        numbers(2, outputs * inputs),
        numbers(3, outputs),
      ];
      const wide = wholeLanes(outputs);
      const panels = machine.place(packPanels(weight, outputs, inputs));
      const biases = machine.reserve(wide);
      machine.at(biases, outputs).set(bias);
      const input = placeRows(machine, x, inputs);
      const y = machine.reserve(wholeLanes(rows) * wide);
      const want = exactLinear(x, weight, bias, inputs);
      const limit = roundingOf(inputs + 1, 16);

      machine.run("linear", wide / LANES, input, panels, biases, y, tilesOf(rows), inputs, wide);
      expectNear(rowsAt(machine, y, rows, outputs, wide), want, limit);

      machine.run("linearGelu", wide / LANES, input, panels, biases, y, tilesOf(rows), inputs, wide);
      expectNear(rowsAt(machine, y, rows, outputs, wide), want.map(gelu), 2 * limit + 1e-6);
    },
  );

  test("with gates add to the rest in place, every sample under its own gates", () => {
    const machine = newMachine();
    const [samples, perSample, inputs, outputs] = [3, 1, 6, 8];
    const rows = samples * perSample * LANES;
    const [x, weight, bias] = [numbers(1, rows * inputs), numbers(2, outputs * inputs), numbers(3, outputs)];
    const [rest, gates] = [numbers(4, rows * outputs), numbers(5, samples * outputs)];
    const panels = machine.place(packPanels(weight, outputs, inputs));
    const y = placeRows(machine, rest, outputs);
    const table = placeRows(machine, gates, outputs);
    const addresses = machine.placeAddresses([0, 1, 2].map((sample) => table + sample * 4));
    const input = placeRows(machine, x, inputs);
    const biases = machine.place(bias);
    machine.run(
      "linearGated",
      outputs / LANES,
      ...[input, panels, biases, y, tilesOf(rows), inputs, outputs],
      ...[y, addresses, 0, perSample],
    );
    const product = exactLinear(x, weight, bias, inputs);
    const want = product.map((value, index) => {
      const sample = Math.floor(index / (perSample * LANES * outputs));
      return rest[index] + gates[sample * outputs + (index % outputs)] * value;
    });
    expectNear(rowsAt(machine, y, rows, outputs), want, 1e-5);
  });

  test("with a table add it to every sample", () => {
    const machine = newMachine();
    const [samples, perSample, inputs, outputs] = [2, 2, 4, 4];
    const rows = samples * perSample * LANES;
    const [x, weight, bias] = [numbers(1, rows * inputs), numbers(2, outputs * inputs), numbers(3, outputs)];
    const table = numbers(4, perSample * LANES * outputs);
    const y = machine.reserve(rows * outputs);
    machine.run(
      "linearAdded",
      1,
      placeRows(machine, x, inputs),
      machine.place(packPanels(weight, outputs, inputs)),
      machine.place(bias),
      ...[y, tilesOf(rows), inputs, outputs, placeRows(machine, table, outputs), perSample],
    );
    const want = exactLinear(x, weight, bias, inputs).map(
      (value, index) => value + table[index % table.length],
    );
    expectNear(rowsAt(machine, y, rows, outputs), want, 1e-5);
  });

  test("in shares are those in one, bit for bit", () => {
    const machine = newMachine();
    const [rows, inputs, outputs] = [7, 33, 40];
    const call = [
      placeRows(machine, numbers(1, rows * inputs), inputs),
      machine.place(packPanels(numbers(2, outputs * inputs), outputs, inputs)),
      machine.place(numbers(3, outputs)),
    ] as const;
    const [whole, shared] = [machine.reserve(8 * outputs), machine.reserve(8 * outputs)];
    machine.run("linearGelu", outputs / LANES, ...call, whole, tilesOf(rows), inputs, outputs);
    for (const [from, to] of [
      [7, 10],
      [0, 3],
      [3, 7],
    ])
      machine.share("linearGelu", from, to, ...call, shared, tilesOf(rows), inputs, outputs);
    expect(rowsAt(machine, shared, rows, outputs)).toEqual(rowsAt(machine, whole, rows, outputs));
  });
});

describe("the modulated normalisation", () => {
  test.each([
    [1, 4, 1],
    [5, 8, 1e-3],
    [64, 256, 1],
    [3, 20, 1e4],
  ])("is right for %i rows of %i numbers of size %d", (rows, width, scale) => {
    const machine = newMachine();
    const x = numbers(1, rows * width, scale);
    const [shift, factor] = [numbers(2, width), numbers(3, width)];
    const modulation = placeRows(machine, new Float32Array([...shift, ...factor]), 2 * width);
    const addresses = machine.placeAddresses([modulation]);
    const y = machine.reserve(wholeLanes(rows) * width);
    const tiles = tilesOf(rows);
    const input = placeRows(machine, x, width);
    machine.run("modulatedLayerNorm", tiles, input, y, width, addresses, 0, width * 16, tiles);
    const want = Float64Array.from(x, (value, index) => {
      const row = x.subarray(index - (index % width), index - (index % width) + width);
      const mean = row.reduce((sum, each) => sum + each, 0) / width;
      const variance = row.reduce((sum, each) => sum + (each - mean) ** 2, 0) / width;
      const k = index % width;
      return ((value - mean) / Math.sqrt(variance + 1e-6)) * (1 + factor[k]) + shift[k];
    });
    expectNear(rowsAt(machine, y, rows, width), want, 2e-5);
  });
});

describe("attention", () => {
  test.each([
    [1, 1, 1, 4, 1],
    [2, 25, 5, 4, 1],
    [1, 64, 2, 64, 1],
    [3, 6, 2, 8, 30], // scores in the hundreds: one key takes all
  ])("of %i samples, %i tokens, %i heads of %i is right", (samples, tokens, heads, d, scale) => {
    const machine = newMachine();
    const width = heads * d;
    const perSample = tilesOf(tokens);
    const qkv = numbers(1, samples * tokens * 3 * width, scale);
    const padded = perSample * LANES;
    const size = samples * padded * 3 * width;
    const input = machine.reserve(size);
    machine.at(input, size).fill(Number.NaN);
    for (let sample = 0; sample < samples; sample++) {
      const rows = qkv.subarray(sample * tokens * 3 * width, (sample + 1) * tokens * 3 * width);
      const placed = placeRows(machine, rows, 3 * width);
      const tiles = machine.at(placed, padded * 3 * width).slice();
      machine.at(input + sample * padded * 3 * width * 4, tiles.length).set(tiles);
    }
    const y = machine.reserve(samples * padded * width);
    const scores = machine.reserve(samples * heads * perSample * 8 * LANES);
    machine.run("attention", samples * heads, input, y, scores, tokens, perSample, heads, d);

    for (let sample = 0; sample < samples; sample++) {
      const got = rowsAt(machine, y + sample * padded * width * 4, tokens, width);
      const rows = qkv.subarray(sample * tokens * 3 * width, (sample + 1) * tokens * 3 * width);
      expectNear(got, exactAttention(rows, tokens, heads, d), 1e-5 * scale);
    }
  });
});

/** softmax(q·kᵀ/√d)·v in float64; rows [tokens,3·heads·d] ordered (q|k|v, head, channel). */
function exactAttention(rows: Float32Array, tokens: number, heads: number, d: number): Float64Array {
  const width = heads * d;
  const at = (token: number, part: number, head: number, channel: number): number =>
    rows[token * 3 * width + part * width + head * d + channel];
  const result = new Float64Array(tokens * width);
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < tokens; i++) {
      const scores = Array.from({ length: tokens }, (_, j) => {
        let sum = 0;
        for (let c = 0; c < d; c++) sum += at(i, 0, head, c) * at(j, 1, head, c);
        return sum / Math.sqrt(d);
      });
      const largest = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - largest));
      const total = shares.reduce((sum, share) => sum + share, 0);
      for (let c = 0; c < d; c++)
        result[i * width + head * d + c] = shares.reduce(
          (sum, s, j) => sum + (s / total) * at(j, 2, head, c),
          0,
        );
    }
  }
  return result;
}

describe("silu", () => {
  test("is right from one end of float32's exponents to the other, in place", () => {
    const machine = newMachine();
    const values = [0, -0, 1, -1, 20, -20, 80, -80, 100, -100, 1e30, -1e30, 1e-30, 5e-324, 3.5, -0.001];
    const x = machine.place(Float32Array.from(values));
    machine.run("silu", values.length / LANES, x, x);
    machine.at(x, values.length).forEach((got, index) => {
      const value = Math.fround(values[index]);
      const want = value / (1 + Math.exp(-value));
      // e^87 is where the kernel's exponential ends: beyond it 1/e^87 stands for smaller numbers still.
      expect(Math.abs(got - want)).toBeLessThanOrEqual(2e-7 * Math.abs(want) + Math.abs(value) * 2e-38);
    });
  });
});

/** Convolution with zeros around, in float64; x [height>>shift,width>>shift,inputs], filter [outputs,inputs,size,size]. */
function exactConvolution(
  x: Float32Array,
  filter: Float32Array,
  bias: Float32Array,
  { height, width, inputs, outputs, size, shift }: ConvolutionShape,
): Float64Array {
  const reach = (size - 1) / 2;
  const y = new Float64Array(height * width * outputs);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let out = 0; out < outputs; out++) {
        let sum = bias[out];
        for (let dy = -reach; dy <= reach; dy++) {
          for (let dx = -reach; dx <= reach; dx++) {
            const [line, place] = [row + dy, column + dx];
            if (line < 0 || line >= height || place < 0 || place >= width) continue;
            const pixel = ((line >> shift) * (width >> shift) + (place >> shift)) * inputs;
            for (let input = 0; input < inputs; input++) {
              const tap = (dy + reach) * size + dx + reach;
              sum += x[pixel + input] * filter[(out * inputs + input) * size * size + tap];
            }
          }
        }
        y[(row * width + column) * outputs + out] = sum;
      }
    }
  }
  return y;
}

interface ConvolutionShape {
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly size: 1 | 3;
  readonly shift: 0 | 1;
}

describe("convolutions", () => {
  const shapes: ConvolutionShape[] = [
    { height: 1, width: 1, inputs: 8, outputs: 8, size: 3, shift: 0 },
    { height: 5, width: 7, inputs: 8, outputs: 16, size: 3, shift: 0 },
    { height: 4, width: 6, inputs: 16, outputs: 8, size: 1, shift: 0 },
    { height: 6, width: 10, inputs: 8, outputs: 8, size: 3, shift: 1 },
  ];
  test.each(shapes)("of %o are right, alone and added to a rest in place", (shape) => {
    const { height, width, inputs, outputs, size, shift } = shape;
    const machine = newMachine();
    const x = numbers(1, ((height * width) >> (2 * shift)) * inputs);
    const [filter, bias] = [numbers(2, outputs * inputs * size * size), numbers(3, outputs)];
    const conv = packConvolution(machine, { shape: [outputs, inputs, size, size], values: filter }, bias);
    const zeros = machine.reserve(inputs);
    const input = machine.place(x);
    const count = height * width * outputs;
    const y = machine.reserve(count);
    const convolve = (rest: number, factor: number): Float32Array => {
      machine.run(
        "convolution",
        height,
        ...[input, conv.filter, conv.bias, y, height, width, inputs, outputs, size, shift],
        ...[zeros, rest, factor],
      );
      return machine.at(y, count).slice();
    };
    const want = exactConvolution(x, filter, bias, shape);
    const limit = roundingOf(inputs * size * size + 2, 16);
    expectNear(convolve(0, 0), want, limit);
    const rest = numbers(4, count);
    machine.at(y, count).set(rest);
    expectNear(
      convolve(y, 0.7),
      want.map((value, index) => value + 0.7 * rest[index]),
      limit,
    );
  });
});

describe("the normalisation of groups", () => {
  test.each([
    [1, 1, 4, 1, 1, 0],
    [5, 3, 12, 3, 1, 0],
    [8, 8, 24, 8, 1, 1000], // far from 0: the mean is taken off before anything is squared
    [64, 64, 8, 2, 1e-3, 0],
  ])(
    "of %i×%i pixels, %i channels in %i groups is right",
    (height, width, channels, groups, scale, offset) => {
      const machine = newMachine();
      const x = numbers(1, height * width * channels, scale).map((value) => value + offset);
      const [gamma, beta] = [numbers(2, channels), numbers(3, channels)];
      const address = machine.place(x);
      const call = [
        height,
        width,
        channels,
        groups,
        machine.place(gamma),
        machine.place(beta),
        1e-6,
      ] as const;
      machine.share("groupNormSilu", 0, 1, address, address, ...call, machine.reserve(8 * channels), 1);

      const each = channels / groups;
      const want = new Float64Array(x.length);
      for (let group = 0; group < groups; group++) {
        const members = [...x.keys()].filter((index) => Math.floor((index % channels) / each) === group);
        const mean = members.reduce((sum, index) => sum + x[index], 0) / members.length;
        const variance = members.reduce((sum, index) => sum + (x[index] - mean) ** 2, 0) / members.length;
        for (const index of members) {
          const channel = index % channels;
          const normal = ((x[index] - mean) / Math.sqrt(variance + 1e-6)) * gamma[channel] + beta[channel];
          want[index] = normal / (1 + Math.exp(-normal));
        }
      }
      expectNear(machine.at(address, x.length), want, offset === 0 ? 1e-5 : 1e-3);
    },
  );
});
