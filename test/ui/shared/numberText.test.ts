import { expect, test } from "vitest";
import { nearestWithin, numberWithin } from "#ui/shared/numberText.ts";

const COUNT = { min: 1, max: 64, whole: true };
const SEED = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true };
const GUIDANCE = { min: 0, max: 20, whole: false };

test.each(["", " ", "65", "0", "-1", "3.5", "abc", "1e999"])("%j is no count", (text) => {
  expect(numberWithin(text, COUNT)).toBeNull();
});

test.each([
  ["65", COUNT, 64],
  ["-3", COUNT, 1],
  ["3.7", COUNT, 4],
  ["1e999", COUNT, 64],
  ["9007199254740992", SEED, 9007199254740991],
  ["20.5", GUIDANCE, 20],
  ["2.5", GUIDANCE, 2.5],
])("%j becomes the nearest number that is allowed", (text, limits, nearest) => {
  expect(nearestWithin(text, limits)).toBe(nearest);
  expect(numberWithin(String(nearest), limits)).toBe(nearest);
});

test.each(["", " ", "abc", "-"])("%j is near to no number", (text) => {
  expect(nearestWithin(text, COUNT)).toBeNull();
});
