import { describe, expect, test } from "vitest";
import { uniforms } from "#flow/uniforms.ts";
import { balancedQuota } from "#scoring/balancedQuota.ts";
import { keptCount, proportionalQuota } from "#scoring/keptCount.ts";
import { ScoringError } from "#scoring/scoringError.ts";

describe("kept counts", () => {
  test.each([
    [10, 0.9, 1],
    [24, 0.9, 2],
    [1000, 0.9, 100], // 1 − 0.9 is 0.0999… in doubles, and rounding down would keep 99
    [1000, 0.95, 50],
    [7, 0.5, 3],
    [3, 1, 1],
    [5, 0, 5],
  ])("of %i samples, ratio %d leaves %i", (samples, ratio, kept) => {
    expect(keptCount(samples, ratio)).toBe(kept);
  });

  test.each([-0.1, 1.1, Number.NaN])("ratio %d is refused", (ratio) => {
    expect(() => keptCount(10, ratio)).toThrow(ScoringError);
    expect(() => proportionalQuota([10], ratio)).toThrow(ScoringError);
  });

  test("no samples are refused", () => {
    expect(() => keptCount(0, 0.5)).toThrow(/no samples/);
  });

  test("each cluster is rounded down by itself", () => {
    expect([...proportionalQuota([3, 5, 10, 1, 0], 0.5)]).toEqual([1, 2, 5, 0, 0]);
    expect([...proportionalQuota([30, 10], 0.9)]).toEqual([3, 1]);
  });
});

describe("balanced quotas", () => {
  test("keep exactly the total, no cluster more than it has, none more than one above another that could give more", () => {
    const draws = uniforms(1, 0, 4000);
    for (let round = 0; round < 200; round++) {
      const u = draws.slice(20 * round, 20 * round + 20);
      const sizes = Array.from({ length: 1 + Math.floor(u[0] * 12) }, (_, k) =>
        Math.floor(u[k + 2] ** 3 * 40),
      );
      const all = sizes.reduce((sum, size) => sum + size, 0);
      const total = Math.floor(u[1] * (all + 3));
      const quota = [...balancedQuota(sizes, total)];
      expect(quota.reduce((sum, n) => sum + n, 0)).toBe(Math.min(total, all));
      const open = quota.filter((n, k) => n < sizes[k]);
      expect(quota.every((n, k) => n <= sizes[k])).toBe(true);
      if (open.length > 0) expect(Math.max(...quota) - Math.min(...open)).toBeLessThanOrEqual(1);
    }
  });

  test("what does not divide goes to the open clusters of lowest index", () => {
    expect([...balancedQuota([9, 1, 9, 9], 12)]).toEqual([4, 1, 4, 3]);
  });
});
