import { expect, test } from "vitest";
import { LIMITS, modelsShown, nextSeed, seedsBeyond, seedsOf, withModel } from "#state/settings.ts";

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

test("the view of three shows every model, the other one the chosen", () => {
  expect(modelsShown({ model: "heavy", view: "one" })).toEqual(["heavy"]);
  expect(modelsShown({ model: "heavy", view: "three" })).toEqual(["light", "c2f", "heavy"]);
  for (const model of ["c2f:heavy:light", "c2f:heavy:own"])
    expect(modelsShown({ model, view: "three" })).toEqual(["light", "c2f:heavy:light", "heavy"]);
});

test("turning the order round mirrors tau, so that the heavy model keeps its share", () => {
  const turned = withModel({ model: "c2f", tau: 0.7 }, "c2f:heavy:light");
  expect(turned).toEqual({ model: "c2f:heavy:light", tau: 0.3 });
  const alone = withModel(turned, "heavy");
  expect(withModel(alone, "c2f")).toEqual({ model: "c2f", tau: 0.7 });
  expect(withModel(turned, "c2f:heavy:zoo-half")).toEqual({ model: "c2f:heavy:zoo-half", tau: 0.3 });
});
