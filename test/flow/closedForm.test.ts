import "@tensorflow/tfjs-backend-cpu";
import { memory, tensor1d, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { effectiveSamples, gaussianFlow, optimalVelocity, optimalWeights } from "#flow/closedForm.ts";

// Four points on a line, seen from x = 0.1.
const points = [-3, -1, 1, 3];
async function finiteSet(t: number) {
  const tensors = tidy(() => {
    const data = tensor2d(points, [4, 1]);
    const x = tensor2d([0.1], [1, 1]);
    const time = tensor1d([t]);
    const weights = optimalWeights(data, x, time);
    return [weights, optimalVelocity(weights, data, x, time), effectiveSamples(weights)] as const;
  });
  const [weights, velocity, nEff] = await Promise.all(
    tensors.map(async (tensor) => [...(await tensor.data())]),
  );
  for (const tensor of tensors) tensor.dispose();
  expect(memory().numTensors).toBe(0);
  return { weights, velocity: velocity[0], nEff: nEff[0] };
}

describe("the optimal velocity of a finite set", () => {
  test("at t = 0 weighs all samples alike: it points to the mean", async () => {
    const { weights, velocity, nEff } = await finiteSet(0);
    for (const weight of weights) expect(weight).toBeCloseTo(0.25, 6);
    expect(nEff).toBeCloseTo(4, 4);
    expect(velocity).toBeCloseTo(0 - 0.1, 5);
  });

  test("late, one sample dominates, and nothing overflows at t = 0.9999", async () => {
    const { weights, velocity, nEff } = await finiteSet(0.9999);
    expect(weights[2]).toBe(1);
    expect(nEff).toBe(1);
    expect(velocity / ((1 - 0.1) / 1e-4)).toBeCloseTo(1, 3);
  });

  test("the effective number of samples falls with t", async () => {
    const values: number[] = [];
    for (const t of [0, 0.2, 0.4, 0.6, 0.8]) values.push((await finiteSet(t)).nEff);
    expect(values).toEqual([...values].sort((a, b) => b - a));
  });
});

describe("the flow of Gaussian data", () => {
  const angle = 0.6;
  /** State and velocity at t from a fixed noise, for a tilted Gaussian in the plane. */
  async function at(t: number): Promise<[number[], number[]]> {
    const { x, velocity } = tidy(() => {
      const rotation = [Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)];
      const gaussian = {
        mean: tensor1d([2, -1]),
        eigenvectors: tensor2d(rotation, [2, 2]),
        eigenvalues: tensor1d([4, 0.25]),
      };
      return { ...gaussianFlow(gaussian, tensor2d([0.7, -1.2], [1, 2]), t) };
    });
    const values: [number[], number[]] = [[...(await x.data())], [...(await velocity.data())]];
    x.dispose();
    velocity.dispose();
    return values;
  }

  test("starts at the noise", async () => {
    const [x] = await at(0);
    expect(x[0]).toBeCloseTo(0.7, 6);
    expect(x[1]).toBeCloseTo(-1.2, 6);
  });

  test("has the velocity that differences of its states show", async () => {
    const h = 1e-2; // float32 states: smaller steps lose digits, larger ones bend
    for (const t of [0.2, 0.5, 0.8]) {
      const [[before], [after], [, velocity]] = [await at(t - h), await at(t + h), await at(t)];
      for (const i of [0, 1]) expect((after[i] - before[i]) / (2 * h)).toBeCloseTo(velocity[i], 2);
    }
  });
});
