import { expect, test } from "vitest";
import { costRatioFor, predictedSpeedUp } from "#flow/costModel.ts";

test("the paper's numbers: at tau = 0.7, 2× needs r ≤ 0.286 and 2.15× needs r ≤ 0.236", () => {
  expect(costRatioFor(2, 0.7)).toBeCloseTo(0.286, 3);
  expect(costRatioFor(2.15, 0.7)).toBeCloseTo(0.236, 3);
});

test("heavy only is 1×, light only is 1/r", () => {
  expect(predictedSpeedUp(0, 0.1)).toBe(1);
  expect(predictedSpeedUp(1, 0.25)).toBe(4);
});

test("the ratio for a speed-up gives that speed-up", () => {
  expect(predictedSpeedUp(0.6, costRatioFor(1.7, 0.6))).toBeCloseTo(1.7, 12);
});

test("a speed-up out of reach asks for a negative cost", () => {
  expect(costRatioFor(4, 0.7)).toBeLessThan(0);
});
