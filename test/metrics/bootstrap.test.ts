import { describe, expect, test } from "vitest";
import { intervalOfMean, pairedDifference, percentiles, resampledCounts } from "#metrics/bootstrap.ts";
import { blocksOf, flat, matrix, python } from "./support.ts";

const firsts = (rows: readonly Float64Array[]) => rows.map((row) => row[0]);

describe("bootstrap", () => {
  test.each(python.pairs)("equals the Python twin, blocks of $sizes", (wanted) => {
    const blocks = blocksOf(wanted);
    const a = blocks.map((block) => firsts(block.a));
    const b = blocks.map((block) => firsts(block.b));
    for (const [got, want] of [
      [intervalOfMean(a), wanted.mean],
      [pairedDifference(a, b), wanted.difference],
    ] as const) {
      flat(want).forEach((value, i) => {
        expect(flat(got)[i]).toBeCloseTo(value, 13); // sums in another order
      });
    }
  });

  test("each resample takes as many samples as its block has, each with the same chance", () => {
    const [small, large] = resampledCounts([3, 50], { resamples: 400, seed: 1 });
    const rows = (counts: Int32Array, size: number) =>
      Array.from({ length: 400 }, (_, r) => counts.slice(r * size, (r + 1) * size));
    for (const row of rows(small, 3)) expect(row.reduce((sum, n) => sum + n)).toBe(3);
    for (const row of rows(large, 50)) expect(row.reduce((sum, n) => sum + n)).toBe(50);
    const first = rows(large, 50).reduce((sum, row) => sum + row[0], 0);
    expect(Math.abs(first - 400)).toBeLessThan(4 * 20); // binomial: √400 = 20
  });

  test("the interval of a mean has the width that theory gives it", () => {
    const values = firsts(matrix(7, 400, 1)); // uniform of variance 1/12
    const { low, high } = intervalOfMean([values]);
    const width = 2 * 1.96 * Math.sqrt(1 / 12 / 400);
    expect((high - low) / width).toBeGreaterThan(0.9);
    expect((high - low) / width).toBeLessThan(1.1);
  });

  test("what both owe to their seeds cancels in a paired difference", () => {
    const values = firsts(matrix(7, 40, 1));
    const shifted = values.map((value) => value + 0.25);
    for (const value of flat(pairedDifference([shifted], [values]))) expect(value).toBeCloseTo(0.25, 14);
  });

  test("percentiles lie on straight lines between sorted values", () => {
    const values = Float64Array.from({ length: 41 }, (_, i) => ((i * 17) % 41) / 40);
    const { low, high } = percentiles(values);
    expect(low).toBeCloseTo(0.025, 15);
    expect(high).toBeCloseTo(0.975, 15);
  });

  test("blocks of one sample and pairs of unequal counts are refused by name", () => {
    expect(() => intervalOfMean([[1, 2], [1]])).toThrow("1 samples, but at least 2");
    expect(() => intervalOfMean([])).toThrow("0 samples, but at least 2");
    expect(() => pairedDifference([[1, 2]], [[1, 2, 3]])).toThrow("2 and 3 samples");
    expect(() => pairedDifference([[1, 2]], [])).toThrow("1 and 0 samples");
  });
});
