import "@tensorflow/tfjs-backend-cpu";
import { memory, tensor4d } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { guide } from "#flow/guidance.ts";
import { ShapeError } from "#flow/path.ts";

/** Guided velocity of one pixel with four channels: v_u = 1, 2, 3, 4 and v_c = 2, 0, 3, 5. */
async function guided(w: number, channels?: number): Promise<number[]> {
  const vUncond = tensor4d([1, 2, 3, 4], [1, 1, 1, 4]);
  const vCond = tensor4d([2, 0, 3, 5], [1, 1, 1, 4]);
  const v = guide(vUncond, vCond, w, channels);
  const values = [...(await v.data())];
  for (const tensor of [vUncond, vCond, v]) tensor.dispose();
  expect(memory().numTensors).toBe(0);
  return values;
}

test("w = 1 is the conditional velocity and w = 0 the unconditional one", async () => {
  expect(await guided(1)).toEqual([2, 0, 3, 5]);
  expect(await guided(0)).toEqual([1, 2, 3, 4]);
});

test("w = 3 goes past the conditional velocity in every channel", async () => {
  expect(await guided(3)).toEqual([4, -4, 3, 7]);
});

test("the release's three guided channels leave the fourth conditional", async () => {
  expect(await guided(3, 3)).toEqual([4, -4, 3, 5]);
});

test("velocities of two shapes are refused by name", () => {
  const narrow = tensor4d([1], [1, 1, 1, 1]);
  const wide = tensor4d([1, 2], [1, 1, 1, 2]);
  expect(() => guide(narrow, wide, 2)).toThrow(ShapeError);
  narrow.dispose();
  wide.dispose();
});
