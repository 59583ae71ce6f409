import { expect, test } from "vitest";
import { materialise, viewEnd } from "#checkpoints/strided.ts";

const bytes = Uint8Array.from({ length: 24 }, (_, i) => i);
const view = (shape: number[], strides: number[], offset = 0) => [
  ...materialise({ dtype: "U8", shape, strides, offset, bytes }).bytes,
];

test("a view reads element (i, j, …) from offset + i·s0 + j·s1 …", () => {
  expect(view([2, 3], [3, 1])).toEqual([0, 1, 2, 3, 4, 5]);
  expect(view([3, 2], [1, 3])).toEqual([0, 3, 1, 4, 2, 5]);
  expect(view([2, 2, 2], [12, 1, 6], 3)).toEqual([3, 9, 4, 10, 15, 21, 16, 22]);
  expect(view([3], [0], 7)).toEqual([7, 7, 7]);
  expect(view([], [], 5)).toEqual([5]);
  expect(view([0, 4], [4, 1])).toEqual([]);
});

test("elements of several bytes stay whole", () => {
  const wide = materialise({ dtype: "I16", shape: [2, 2], strides: [1, 2], offset: 1, bytes });
  expect([...wide.bytes]).toEqual([2, 3, 6, 7, 4, 5, 8, 9]);
});

test("row-major views share the storage, whatever the strides of axes of size 1", () => {
  expect(materialise({ dtype: "U8", shape: [1, 4], strides: [99, 1], offset: 2, bytes }).bytes.buffer).toBe(
    bytes.buffer,
  );
});

test("viewEnd is one past the last element touched", () => {
  expect(viewEnd([2, 3], [3, 1], 4)).toBe(10);
  expect(viewEnd([], [], 4)).toBe(5);
  expect(viewEnd([0, 9], [9, 1], 100)).toBe(0);
});
