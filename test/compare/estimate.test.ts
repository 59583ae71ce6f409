import { expect, test } from "vitest";
import { estimate, NO_PACE, type Pace, pictureTime } from "#compare/estimate.ts";
import { planOf } from "#compare/plan.ts";
import { FAMILY, familyWith, gridWith, NOTHING_KEPT } from "./support.ts";

const parameters = (name: string) => FAMILY.models.find((model) => model.name === name)?.parameters ?? 0;
const PACE: Pace = {
  passes: { light: { count: 10, ms: 20 }, heavy: { count: 10, ms: 100 } },
  decode: { count: 2, ms: 60 },
  describe: { count: 4, ms: 20 },
};
const NONE = { decodes: 0, describes: 0 };
const plan = planOf(gridWith({ tau: "0, 0.5", seed: "1-2" }));

test("time is passes by the pace of their model, and what follows by its own", () => {
  const timed = estimate({ plan, kept: NOTHING_KEPT, decodes: 4, describes: 4 }, PACE, FAMILY);
  // Guided: two passes an evaluation. 2 · 30 light at 2 ms, 2 · (59 + 29) heavy at 10 ms; decodes at 30 and 5 ms.
  expect(timed).toEqual({ ms: 2 * (60 * 2 + 176 * 10) + 4 * 30 + 4 * 5, basis: "measured" });
});

test("without guidance an evaluation is one pass", () => {
  const single = planOf(gridWith({ tau: "0, 0.5", seed: "1-2" }, { guidance: 1 }));
  const timed = estimate({ plan: single, kept: NOTHING_KEPT, ...NONE }, PACE, FAMILY);
  expect(timed?.ms).toBe(60 * 2 + 176 * 10);
});

test("a model that was never timed is scaled by its size, and the estimate says that it is a guess", () => {
  const pace = { ...PACE, passes: { light: PACE.passes.light } };
  const timed = estimate({ plan, kept: NOTHING_KEPT, ...NONE }, pace, FAMILY);
  const heavyMs = 2 * (parameters("heavy") / parameters("light")) ** 0.92;
  expect(timed?.basis).toBe("guessed");
  expect(timed?.ms).toBeCloseTo(2 * (60 * 2 + 176 * heavyMs), 6);
});

// Weights of DiTs on 64 tokens, and how many times longer than 4 × 128 each took at one image: `npm run bench -- --shapes`.
test.each([
  ["4 × 96", 725_968, 0.087 / 0.146],
  ["6 × 128", 1_868_576, 0.225 / 0.146],
  ["4 × 192", 2_834_320, 0.322 / 0.146],
  ["8 × 256", 9_741_840, 1 / 0.146],
  ["10 × 256", 12_114_448, 1 / 0.119],
])(
  "what a network of %s costs is told within a fifth from a light model that was timed",
  (_, weights, ratio) => {
    const family = familyWith({ name: "other", parameters: weights });
    const other = planOf(gridWith({ model: "other", seed: "1" }, { steps: 11 }, family));
    const pace = { ...PACE, passes: { light: { count: 1, ms: 10 } } };
    const told = (estimate({ plan: other, kept: NOTHING_KEPT, ...NONE }, pace, family)?.ms ?? 0) / 200;
    expect(told / ratio).toBeGreaterThan(0.8);
    expect(told / ratio).toBeLessThan(1.2);
  },
);

test("pictures that were never decoded or looked at are told from a pass, loading what looks at them included", () => {
  const pace = { ...NO_PACE, passes: { light: { count: 1, ms: 3 }, heavy: { count: 1, ms: 20 } } };
  const done = { plan, kept: () => true };
  expect(estimate({ ...done, decodes: 2, describes: 0 }, pace, FAMILY)?.ms).toBeCloseTo(2 * 66, 9);
  expect(estimate({ ...done, decodes: 0, describes: 5 }, pace, FAMILY)?.ms).toBeCloseTo(25 * 0.3 * 66, 9);
  const looked = { ...pace, describe: { count: 30, ms: 600 } };
  expect(estimate({ ...done, decodes: 0, describes: 5 }, looked, FAMILY)?.ms).toBeCloseTo(100, 9);
});

test("what was not timed is scaled from what is nearest in size", () => {
  const family = familyWith({ name: "other", parameters: parameters("heavy") });
  const other = planOf(gridWith({ model: "other", seed: "1" }, { steps: 11 }, family));
  expect(estimate({ plan: other, kept: NOTHING_KEPT, ...NONE }, PACE, family)?.ms).toBeCloseTo(200, 9);
});

test("nothing is told before anything was timed, and nothing is left of what is done", () => {
  expect(estimate({ plan, kept: NOTHING_KEPT, ...NONE }, NO_PACE, FAMILY)).toBeNull();
  expect(estimate({ plan, kept: () => true, ...NONE }, PACE, FAMILY)).toEqual({ ms: 0, basis: "measured" });
});

test("a picture by itself takes the passes of its own plan, however much of it is shared", () => {
  const kinds = [...plan.routes.values()].map(({ of }) => pictureTime(of, PACE, FAMILY)?.ms);
  // τ = 0 is 59 heavy evaluations, τ = 0.5 is 30 light and 29 heavy ones; two passes each.
  expect(kinds).toEqual([1180, 1180, 700, 700]);
  for (const { of } of plan.routes.values()) expect(pictureTime(of, NO_PACE, FAMILY)).toBeNull();
});
