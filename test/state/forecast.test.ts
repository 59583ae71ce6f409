import { expect, test } from "vitest";
import { forecastOf } from "#state/forecast.ts";

const base = { model: "c2f", tau: 0.7, steps: 60, solver: "euler", guidance: 1.5 } as const;

test("the paper's τ = 0.7 on 60 points is 42 light and 17 heavy steps", () => {
  const { stepCount, nfe, passes } = forecastOf(base);
  expect(stepCount).toEqual({ light: 42, heavy: 17 });
  expect(nfe).toEqual({ light: 42, heavy: 17 });
  expect(passes).toBe(118);
});

test("guidance 1 costs one network pass an evaluation", () => {
  expect(forecastOf({ ...base, guidance: 1 }).passes).toBe(59);
});

test("Heun evaluates twice a step, and its step that ends at τ has a heavy second stage", () => {
  const { stepCount, nfe } = forecastOf({ ...base, solver: "heun", steps: 11 });
  expect(stepCount).toEqual({ light: 7, heavy: 3 });
  expect(nfe).toEqual({ light: 13, heavy: 7 });
});
