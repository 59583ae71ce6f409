import "@tensorflow/tfjs-backend-cpu";
import { memory, type Tensor4D, tensor1d, tensor4d } from "@tensorflow/tfjs-core";
import { afterEach, expect, test } from "vitest";
import { pointOnPath, ShapeError, score, targetVelocity, x0Hat, x1Hat } from "#flow/path.ts";

const made: Tensor4D[] = [];
/** Two latents of one pixel and two channels: [2,1,1,2]. */
const latents = (values: number[]): Tensor4D => {
  const tensor = tensor4d(values, [2, 1, 1, 2]);
  made.push(tensor);
  return tensor;
};

/** Values of a result, which is disposed. */
async function valuesOf(tensor: Tensor4D): Promise<number[]> {
  const values = [...(await tensor.data())];
  tensor.dispose();
  return values;
}

afterEach(() => {
  for (const tensor of made.splice(0)) tensor.dispose();
  expect(memory().numTensors).toBe(0);
});

const noise = () => latents([1, -2, 0.5, 3]);
const image = () => latents([-1, 4, 2.5, 0.1]);

test("the path begins at the noise and ends at the data, exactly", async () => {
  const [x0, x1] = [noise(), image()];
  expect(await valuesOf(pointOnPath(x0, x1, 0))).toEqual([...(await x0.data())]);
  expect(await valuesOf(pointOnPath(x0, x1, 1))).toEqual([...(await x1.data())]);
});

test("a time a sample moves each sample to its own", async () => {
  const t = tensor1d([0, 0.5]);
  expect(await valuesOf(pointOnPath(noise(), latents([9, 9, 2.5, 1]), t))).toEqual([1, -2, 1.5, 2]);
  t.dispose();
});

test("x̂1 and x̂0 are the ends of the path when v is its velocity, at any t", async () => {
  for (const t of [0, 0.3, 0.999]) {
    const [x0, x1] = [noise(), image()];
    const xt = pointOnPath(x0, x1, t);
    const v = targetVelocity(x0, x1);
    const [dataEnd, noiseEnd] = [await valuesOf(x1Hat(xt, v, t)), await valuesOf(x0Hat(xt, v, t))];
    const [want1, want0] = [await x1.data(), await x0.data()];
    for (const [i, value] of dataEnd.entries()) expect(value).toBeCloseTo(want1[i], 5);
    for (const [i, value] of noiseEnd.entries()) expect(value).toBeCloseTo(want0[i], 5);
    xt.dispose();
    v.dispose();
  }
});

test("the score of the target velocity is −x0 / (1 − t)", async () => {
  const [x0, x1] = [noise(), image()];
  const t = 0.75;
  const xt = pointOnPath(x0, x1, t);
  const v = targetVelocity(x0, x1);
  const values = await valuesOf(score(xt, v, t));
  const start = await x0.data();
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(-start[i] / (1 - t), 4);
  xt.dispose();
  v.dispose();
});

test("shapes that tfjs would broadcast are refused by name", () => {
  const narrow = tensor4d([1, 2], [1, 1, 1, 2]);
  made.push(narrow);
  expect(() => pointOnPath(noise(), narrow, 0.5)).toThrow(ShapeError);
  expect(() => targetVelocity(noise(), narrow)).toThrow(ShapeError);
  expect(() => x1Hat(noise(), narrow, 0.5)).toThrow(ShapeError);
  const t = tensor1d([0.5]);
  expect(() => pointOnPath(noise(), image(), t)).toThrow(ShapeError);
  t.dispose();
});
