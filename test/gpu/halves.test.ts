import { describe, expect, test } from "vitest";
import { halfToNumber } from "#checkpoints/floats.ts";
import { packHalves } from "#gpu/halves.ts";
import { numbers } from "./support.ts";

/** What a product reads. */
function unpack({ halves, scale }: { halves: Uint32Array; scale: number }): number[] {
  return [...halves].flatMap((word) => [
    halfToNumber(word & 0xffff) * scale,
    halfToNumber(word >>> 16) * scale,
  ]);
}
/** Numbers as a file of halves keeps them. */
const allHalves = (): Float32Array =>
  Float32Array.from({ length: 0x7c00 * 2 }, (_, i) => halfToNumber(i < 0x7c00 ? i : 0x8000 + (i - 0x7c00)));

describe("weights as halves", () => {
  test("every finite half but the most distant ones keeps its value, in one matrix", () => {
    const values = allHalves().filter((value) => Math.abs(value) < 32);
    const packed = packHalves(values);
    if (packed === null) throw new Error("halves were refused");
    expect(Float32Array.from(unpack(packed))).toEqual(values);
  });

  test("none of them is a subnormal half, which a GPU may read as zero", () => {
    const packed = packHalves(Float32Array.of(2 ** -24, -3 * 2 ** -24, 1.5, 0));
    const exponents = [...(packed?.halves ?? [])].flatMap((word) => [(word >>> 10) & 31, (word >>> 26) & 31]);
    expect(exponents).toEqual([16 - 1 - 9, 16 - 1 - 8, 30, 0]);
  });

  test.each([
    ["a number with more digits", Float32Array.of(1 / 3, 1)],
    ["a matrix from 2^−24 to 65504", Float32Array.of(2 ** -24, 65504)],
    ["what is not a number", Float32Array.of(Number.NaN, Number.NaN)],
    ["infinity", Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)],
    ["a subnormal float32", Float32Array.of(2 ** -140, 2 ** -130)],
    ["trained weights", numbers(1, 64)],
  ])("%s stays float32", (_, values) => {
    expect(packHalves(values)).toBeNull();
  });

  test("a matrix of zeros is one of halves", () => {
    expect(packHalves(new Float32Array(8))?.halves).toEqual(new Uint32Array(4));
  });
});
