import { expect, test } from "vitest";
import { agreement, rankCorrelation } from "#scoring/agreement.ts";

test("equal selections agree fully, disjoint halves not at all", () => {
  expect(agreement([1, 2, 3], [3, 1, 2], 6)).toEqual({ both: 3, jaccard: 1, kappa: 1 });
  expect(agreement([0, 1, 2], [3, 4, 5], 6)).toEqual({ both: 0, jaccard: 0, kappa: -1 });
  expect(agreement([0, 1], [0, 1], 2)).toEqual({ both: 2, jaccard: 1, kappa: 1 });
});

test("an overlap of what chance gives has kappa 0", () => {
  const { both, kappa } = agreement([0, 1, 2, 3], [0, 1, 4, 5], 8);
  expect(both).toBe(2);
  expect(kappa).toBeCloseTo(0, 12);
});

test("a repeated index counts once", () => {
  expect(agreement([1, 1, 2], [1, 2, 2], 4)).toEqual(agreement([1, 2], [1, 2], 4));
});

test("rank correlation is that of the orders, ties sharing their rank", () => {
  expect(rankCorrelation([1, 2, 3, 4], [10, 20, 500, 501])).toBeCloseTo(1, 12);
  expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
  expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(0.9486832980505138, 12); // scipy.stats.spearmanr
  expect(rankCorrelation([1, 1], [1, 2])).toBeNaN();
  expect(() => rankCorrelation([1], [1, 2])).toThrow(/2 scores, where 1 are expected/);
});
