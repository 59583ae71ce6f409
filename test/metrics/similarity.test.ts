import { describe, expect, test } from "vitest";
import { derangement } from "#metrics/derangement.ts";
import { MetricError } from "#metrics/metricError.ts";
import { againstFloor } from "#metrics/noiseFloor.ts";
import { similarity } from "#metrics/similarity.ts";
import { blocksOf, flat, matrix, python } from "./support.ts";

describe("same-seed similarity", () => {
  test.each(python.pairs)("equals the Python twin, blocks of $sizes", (wanted) => {
    const blocks = blocksOf(wanted);
    expect(blocks.map(({ labels }) => [...derangement(labels, wanted.shuffle_seed)])).toEqual(
      wanted.derangements,
    );
    const got = similarity(blocks, wanted.shuffle_seed);
    for (const [estimate, want] of [
      [got.s, wanted.s],
      [got.sUnrelated, wanted.s_unrel],
      [got.sNormalised, wanted.s_norm],
    ] as const) {
      flat(want).forEach((value, i) => {
        expect(flat(estimate)[i]).toBeCloseTo(value, 12); // sums in another order
      });
    }
  });

  test("is 1 for a model and itself, interval and all", () => {
    const a = matrix(1, 10, 8);
    const { s, sNormalised } = similarity([{ a, b: a, labels: a.map((_, i) => i % 2) }]);
    for (const value of [...flat(s), ...flat(sNormalised)]) expect(value).toBeCloseTo(1, 14);
  });

  test("a difference that strangers do not have is told from one that they have", () => {
    const a = matrix(1, 200, 8);
    const b = matrix(2, 200, 8);
    const { sNormalised } = similarity([{ a, b, labels: a.map(() => 0) }]);
    expect(sNormalised.low).toBeLessThan(0);
    expect(sNormalised.high).toBeGreaterThan(0); // unrelated pictures: s_norm is 0 within its interval
  });

  test("labels that are fewer than pictures, and a lone picture of a class, are refused by name", () => {
    const a = matrix(1, 3, 2);
    expect(() => similarity([{ a, b: a, labels: [0, 0] }])).toThrow(MetricError);
    expect(() => similarity([{ a, b: a, labels: [0, 0, 7] }])).toThrow("class 7 has 1 sample");
    expect(() => similarity([])).toThrow("0 samples, but at least 2");
  });
});

describe("derangement", () => {
  test("stays in the class, moves everyone and depends on the seed", () => {
    const labels = [0, 1, 2, 0, 1, 2, 0, 1, 0, 2];
    const seen = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const p = [...derangement(labels, seed)];
      expect([...p].sort((i, j) => i - j)).toEqual([...labels.keys()]);
      expect(p.map((i) => labels[i])).toEqual(labels);
      expect(p.filter((to, from) => to === from)).toEqual([]);
      seen.add(p.join());
    }
    expect(seen.size).toBeGreaterThan(10);
  });
});

describe("the noise floor", () => {
  const between = (low: number, high: number) => ({ value: (low + high) / 2, low, high, blocks: [] });
  test("tells apart intervals that do not overlap, and no others", () => {
    const floor = between(0.8, 0.9);
    expect(againstFloor(between(0.5, 0.79), floor)).toBe("below");
    expect(againstFloor(between(0.5, 0.81), floor)).toBe("within");
    expect(againstFloor(between(0.89, 0.95), floor)).toBe("within");
    expect(againstFloor(between(0.91, 0.95), floor)).toBe("above");
  });
});
