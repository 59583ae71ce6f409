import "@tensorflow/tfjs-backend-cpu";
import { memory, tensor4d } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { uniformGrid } from "#flow/grid.ts";
import { INVERSION_STEPS, invert } from "#flow/inversion.ts";
import { sample } from "#flow/sampler.ts";
import { exponential, modelOf, noCalls } from "./support/fields.ts";

test("an inversion evaluates at 1 and 17 times more, down to the step before tau", async () => {
  const calls = noCalls();
  const x1 = tensor4d([1], [1, 1, 1, 1]);
  const xTau = await invert(x1, { model: modelOf(exponential(1), calls), tau: 0.7, labels: [0] });
  const times = calls.begun[0].times;
  expect(times).toHaveLength(INVERSION_STEPS);
  expect(times[0]).toBe(1);
  expect(times[17]).toBeCloseTo(0.7 + 0.3 / 18, 12);
  x1.dispose();
  xTau.dispose();
  expect(memory().numTensors).toBe(0);
});

test("inverting and sampling again comes back, the closer the finer the steps", async () => {
  const model = modelOf(exponential(2));
  const distanceOf = async (steps: number): Promise<number> => {
    const x1 = tensor4d([3], [1, 1, 1, 1]);
    const x0 = await invert(x1, { model, tau: 0, steps, labels: [0] });
    const again = await sample(x0, {
      models: { heavy: model },
      choice: "heavy",
      tau: 0,
      grid: uniformGrid(steps + 1),
      solver: "euler",
      labels: [0],
      guidance: 1,
    });
    const [value] = await again.x1.data();
    for (const tensor of [x1, x0, again.x1]) tensor.dispose();
    return Math.abs(value - 3);
  };
  const ratio = (await distanceOf(50)) / (await distanceOf(100));
  expect(ratio).toBeGreaterThan(1.8); // Euler: half the step, half the error
  expect(ratio).toBeLessThan(2.2);
});
