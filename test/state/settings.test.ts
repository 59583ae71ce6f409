import { expect, test } from "vitest";
import { LIMITS, labelOf, MIXED, modelsShown, nextSeed, seedsBeyond, seedsOf } from "#state/settings.ts";
import manifest from "../../public/models/manifest.json" with { type: "json" };

const { classes } = manifest.families[0];

test("a batch takes consecutive seeds", () => {
  expect(seedsOf({ seed: 5, count: 3 })).toEqual([5, 6, 7]);
});

test("seeds that would pass 2⁵³−1 fall away, and the next seed begins anew at 0", () => {
  const last = LIMITS.seed.max;
  expect(seedsOf({ seed: last - 1, count: 4 })).toEqual([last - 1, last]);
  expect(nextSeed({ seed: last - 1, count: 4 })).toBe(0);
  expect(nextSeed({ seed: 5, count: 3 })).toBe(8);
});

test("the seeds that fall away are counted, so that the page can say so before it draws", () => {
  const last = LIMITS.seed.max;
  expect(seedsBeyond({ seed: last - 1, count: 4 })).toBe(2);
  expect(seedsBeyond({ seed: last - 1, count: 2 })).toBe(0);
  expect(seedsBeyond({ seed: 1, count: 64 })).toBe(0);
});

test("mixed gives a seed the same class wherever it stands in a batch", () => {
  expect(labelOf({ className: MIXED }, 11, classes)).toBe(3);
  expect(labelOf({ className: MIXED }, Number.MAX_SAFE_INTEGER, classes)).toBe(7);
  expect(labelOf({ className: "micah" }, 11, classes)).toBe(4);
});

test("the view of three shows every model, the other one the chosen", () => {
  expect(modelsShown({ model: "heavy", view: "one" })).toEqual(["heavy"]);
  expect(modelsShown({ model: "heavy", view: "three" })).toEqual(["light", "c2f", "heavy"]);
});
