import { expect, test } from "vitest";
import { centreSquare, smartSquare } from "#datasets/crop.ts";

/** A flat picture with a chequered patch, opaque. */
function withPatch(width: number, height: number, left: number, top: number, side: number) {
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = x >= left && x < left + side && y >= top && y < top + side;
      rgba.fill(inside && (x + y) % 2 === 0 ? 20 : 200, 4 * (y * width + x), 4 * (y * width + x) + 3);
    }
  return { width, height, rgba };
}

test("the middle square leaves equal margins, the odd pixel to the right and below", () => {
  expect(centreSquare({ width: 100, height: 61 })).toEqual({ left: 19, top: 0, side: 61 });
  expect(centreSquare({ width: 60, height: 101 })).toEqual({ left: 0, top: 20, side: 60 });
  expect(centreSquare({ width: 7, height: 7 })).toEqual({ left: 0, top: 0, side: 7 });
});

test("a thing at one end of a wide or tall picture is inside the smart square and not inside the middle one", () => {
  const full = { width: 3200, height: 1600 };
  const left = smartSquare(withPatch(64, 32, 2, 10, 10), full);
  expect(left.side).toBe(1600);
  expect(left.left).toBeLessThanOrEqual(100); // the patch is at 100 … 600
  expect(centreSquare(full).left).toBe(800);
  const below = smartSquare(withPatch(32, 64, 10, 50, 12), { width: 1600, height: 3200 });
  expect(below).toMatchObject({ left: 0, side: 1600 });
  expect(below.top + below.side).toBeGreaterThanOrEqual(3100);
});

test("what stands in the middle, and what has no edges at all, is cropped in the middle", () => {
  const full = { width: 3201, height: 1600 };
  expect(smartSquare(withPatch(65, 32, 27, 8, 11), full)).toEqual(centreSquare(full));
  expect(smartSquare(withPatch(65, 32, 0, 0, 0), full)).toEqual(centreSquare(full));
});

test("a mirrored picture has the mirrored square, to a pixel of the thumbnail", () => {
  const full = { width: 960, height: 320 };
  for (const at of [2, 20, 50, 84]) {
    const there = smartSquare(withPatch(96, 32, at, 10, 9), full);
    const mirrored = smartSquare(withPatch(96, 32, 96 - 9 - at, 10, 9), full);
    expect(Math.abs(960 - 320 - there.left - mirrored.left)).toBeLessThanOrEqual(10);
  }
});

test("a square picture has one square", () => {
  expect(smartSquare(withPatch(32, 32, 0, 0, 8), { width: 500, height: 500 })).toEqual({
    left: 0,
    top: 0,
    side: 500,
  });
});

test("the square never leaves the picture", () => {
  for (let at = 0; at <= 60; at += 5) {
    const square = smartSquare(withPatch(70, 23, at, 3, 9), { width: 997, height: 331 });
    expect(square.left).toBeGreaterThanOrEqual(0);
    expect(square.left + square.side).toBeLessThanOrEqual(997);
  }
});
