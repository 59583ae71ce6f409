import { describe, expect, test } from "vitest";
import { RESAMPLING, resampledCounts } from "#metrics/bootstrap.ts";
import { cosine } from "#metrics/cosine.ts";
import { LEAST_SEEDS, seedSimilarity } from "#metrics/seedSimilarity.ts";
import { similarity } from "#metrics/similarity.ts";
import { matrix } from "./support.ts";

const zeros = (n: number) => Array.from({ length: n }, () => 0);

/** Unit vectors in the plane, by their angle in degrees. */
const at = (...degrees: readonly number[]) =>
  degrees.map((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]);
const cosDegrees = (angle: number) => Math.cos((angle * Math.PI) / 180);

/** Every permutation of 0 … n−1 that leaves nothing in its place. */
function derangements(n: number): readonly (readonly number[])[] {
  const made = (taken: readonly number[]): readonly (readonly number[])[] =>
    taken.length === n
      ? [taken]
      : Array.from({ length: n }, (_, next) => next)
          .filter((next) => next !== taken.length && !taken.includes(next))
          .flatMap((next) => made([...taken, next]));
  return made([]);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("similarity of a handful of seeds", () => {
  test("strangers are all pairs of other seeds: angles that a hand can work out", () => {
    const a = at(0, 90);
    const b = at(30, 150);
    // a0·b0 = cos 30, a1·b1 = cos 60; strangers a0·b1 = cos 150, a1·b0 = cos 60.
    const { s, sUnrelated, sNormalised } = seedSimilarity(a, b, [0, 0]);
    const unrelated = (cosDegrees(150) + cosDegrees(60)) / 2;
    expect(s).toBeCloseTo((cosDegrees(30) + cosDegrees(60)) / 2, 14);
    expect(sUnrelated).toBeCloseTo(unrelated, 14);
    expect(sNormalised).toBeCloseTo((s - unrelated) / (1 - unrelated), 14);
  });

  test.each([4, 5])("with %i seeds s_unrel is the mean over every derangement there is", (n) => {
    const [a, b] = [matrix(3, n, 6), matrix(4, n, 6)];
    const each = derangements(n).map((p) => mean(a.map((vector, i) => cosine(vector, b[p[i]]))));
    expect(each.length).toBe(n === 4 ? 9 : 44);
    expect(seedSimilarity(a, b, zeros(n)).sUnrelated).toBeCloseTo(mean(each), 14);
  });

  test("of one shuffle it is the mean over many, in classes of different size as well", () => {
    const [a, b] = [matrix(5, 9, 6), matrix(6, 9, 6)];
    const labels = [0, 1, 0, 2, 1, 0, 2, 0, 2];
    const shuffles = Array.from(
      { length: 400 },
      (_, seed) => similarity([{ a, b, labels }], seed).sUnrelated.value,
    );
    const spread = Math.sqrt(mean(shuffles.map((value) => (value - mean(shuffles)) ** 2)));
    const wanted = seedSimilarity(a, b, labels).sUnrelated ?? Number.NaN;
    // Four standard errors of a mean of 400.
    expect(Math.abs(mean(shuffles) - wanted)).toBeLessThan((4 * spread) / 20);
    expect(spread).toBeGreaterThan(0.01);
  });

  test("is the same from b to a", () => {
    const [a, b] = [matrix(7, 6, 5), matrix(8, 6, 5)];
    const labels = [0, 0, 1, 1, 0, 1];
    const [there, back] = [seedSimilarity(a, b, labels), seedSimilarity(b, a, labels)];
    expect(back.sUnrelated).toBeCloseTo(there.sUnrelated ?? Number.NaN, 14);
    expect(back.sNormalised).toBeCloseTo(there.sNormalised ?? Number.NaN, 14);
    expect(back.interval?.[0]).toBeCloseTo(there.interval?.[0] ?? Number.NaN, 12);
    expect(back.interval?.[1]).toBeCloseTo(there.interval?.[1] ?? Number.NaN, 12);
  });

  test("the interval is that of resampled seeds, written out pair by pair", () => {
    const n = 5;
    const [a, b] = [matrix(9, n, 4), matrix(10, n, 4)];
    const [counts] = resampledCounts([n], RESAMPLING);
    const values: number[] = [];
    for (let r = 0; r < RESAMPLING.resamples; r++) {
      const drawn = Array.from({ length: n }, (_, i) =>
        Array.from({ length: counts[r * n + i] }, () => i),
      ).flat();
      const pairs = drawn.flatMap((i) => drawn.filter((j) => j !== i).map((j) => cosine(a[i], b[j])));
      if (pairs.length === 0) continue;
      const s = mean(drawn.map((i) => cosine(a[i], b[i])));
      values.push((s - mean(pairs)) / (1 - mean(pairs)));
    }
    values.sort((x, y) => x - y);
    const quantile = (share: number) => {
      const place = share * (values.length - 1);
      const [low, high] = [values[Math.floor(place)], values[Math.ceil(place)]];
      return low + (high - low) * (place % 1);
    };
    const { interval } = seedSimilarity(a, b, zeros(n));
    expect(interval?.[0]).toBeCloseTo(quantile(0.025), 12);
    expect(interval?.[1]).toBeCloseTo(quantile(0.975), 12);
  });

  test("fewer than four seeds have no interval, and a picture alone in its class has no stranger", () => {
    const a = matrix(11, 3, 4);
    expect(seedSimilarity(a, matrix(12, 3, 4), zeros(3))).toMatchObject({
      sNormalised: expect.any(Number),
      interval: null,
    });
    expect(LEAST_SEEDS).toBe(4);
    const lone = seedSimilarity(a, a, [0, 0, 1]);
    expect(lone.s).toBeCloseTo(1, 14);
    expect(lone).toMatchObject({ sUnrelated: null, sNormalised: null, interval: null });
  });

  test("is 1 for a model and itself, interval and all; strangers that are all alike leave nothing to normalise by", () => {
    const a = matrix(13, 6, 4);
    const { s, sNormalised, interval } = seedSimilarity(a, a, zeros(6));
    for (const value of [s, sNormalised, ...(interval ?? [])]) expect(value).toBeCloseTo(1, 12);
    const alike = Array.from({ length: 4 }, () => [1, 2]);
    expect(seedSimilarity(alike, alike, zeros(4))).toMatchObject({ sNormalised: null, interval: null });
  });

  test("labels that are fewer than pictures, and a single seed, are refused by name", () => {
    const a = matrix(14, 3, 2);
    expect(() => seedSimilarity(a, a, [0, 0])).toThrow("3 and 2");
    expect(() => seedSimilarity(a.slice(0, 1), a.slice(0, 1), [0])).toThrow("1 samples, but at least 2");
  });
});
