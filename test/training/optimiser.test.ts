import { describe, expect, test } from "vitest";
import { adamWStep } from "#training/adamW.ts";
import { updateAverage, warmedDecay } from "#training/average.ts";
import { clipGradient, gradientNorm } from "#training/gradientNorm.ts";
import { TrainingError } from "#training/trainingError.ts";
import { checkTrainOptions, DEFAULT_TRAIN_OPTIONS, learningRateAt } from "#training/trainOptions.ts";

const ADAM = { beta1: 0.9, beta2: 0.999, eps: 0, weightDecay: 0 };
const zeros = (size: number) => ({ first: new Float32Array(size), second: new Float32Array(size) });

describe("AdamW", () => {
  test("moves by the rate against a constant gradient, however long that is", () => {
    const weights = Float32Array.of(1, 1, 1);
    const moments = zeros(3);
    for (let n = 1; n <= 4; n++) adamWStep(weights, Float32Array.of(5, -1e-3, 0.1), moments, n, 0.01, ADAM);
    [0.96, 1.04, 0.96].forEach((want, i) => void expect(weights[i]).toBeCloseTo(want, 6));
  });

  test("decays every weight by rate · decay, those without a gradient too, apart from the moments", () => {
    const weights = Float32Array.of(2);
    const moments = zeros(1);
    adamWStep(weights, Float32Array.of(0), moments, 1, 0.1, { ...ADAM, eps: 1e-8, weightDecay: 0.5 });
    expect(weights[0]).toBeCloseTo(1.9, 6);
    expect([...moments.first, ...moments.second]).toEqual([0, 0]);
  });

  test("a weight whose gradient was always 0 does not move", () => {
    const weights = Float32Array.of(3);
    const moments = zeros(1);
    for (let n = 1; n < 9; n++)
      adamWStep(weights, Float32Array.of(0), moments, n, 0.1, { ...ADAM, eps: 1e-8 });
    expect(weights[0]).toBe(3);
  });
});

describe("the warmed average", () => {
  test("forgets its start within a short run", () => {
    const average = Float32Array.of(1);
    for (let n = 0; n < 200; n++) updateAverage(average, Float32Array.of(0), warmedDecay(0.9999, n));
    expect(average[0]).toBeLessThan(1e-6); // at 0.9999 from the start it would be 0.98
  });

  test("reaches its decay in a long one", () => {
    expect([0, 1, 90].map((n) => warmedDecay(0.9999, n))).toEqual([0.1, 2 / 11, 0.91]);
    expect(warmedDecay(0.9999, 1e9)).toBe(0.9999);
  });
});

describe("the rate and the gradient's length", () => {
  test("the rate rises over the warm-up and stays", () => {
    const options = { ...DEFAULT_TRAIN_OPTIONS, learningRate: 1, warmupSteps: 4 };
    expect([0, 1, 2, 3, 4, 1000].map((step) => learningRateAt(options, step))).toEqual([
      0.25, 0.5, 0.75, 1, 1, 1,
    ]);
    expect(learningRateAt({ ...options, warmupSteps: 0 }, 0)).toBe(1);
  });

  test("a gradient is shortened to the limit and no shorter one is touched", () => {
    const gradient = Float32Array.of(3, 4);
    expect(gradientNorm(gradient)).toBe(5);
    clipGradient(gradient, 5, 0);
    clipGradient(gradient, 5, 6);
    expect([...gradient]).toEqual([3, 4]);
    clipGradient(gradient, 5, 1);
    expect(gradientNorm(gradient)).toBeCloseTo(1, 6);
  });

  test.each([
    ["batch", 0],
    ["batch", 1.5],
    ["microBatch", -1],
    ["learningRate", Number.NaN],
    ["emaDecay", 1],
    ["beta2", -0.1],
    ["clipNorm", Number.POSITIVE_INFINITY],
  ] as const)("%s %d is refused", (option, value) => {
    expect(() => checkTrainOptions(DEFAULT_TRAIN_OPTIONS)).not.toThrow();
    expect(() => checkTrainOptions({ ...DEFAULT_TRAIN_OPTIONS, [option]: value })).toThrow(TrainingError);
  });
});
