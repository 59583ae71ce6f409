import { expect, test } from "vitest";
import { axisOf } from "#compare/values.ts";
import { cellName, valueWords } from "#compare/words.ts";
import { comparisonOf, gridWith } from "./support.ts";

const names = (...of: Parameters<typeof comparisonOf>) =>
  gridWith(...of).cells.map(({ settings }) => cellName(settings, comparisonOf(...of)));

test("a cell is named by its seed, by what changes, and by its model", () => {
  expect(names({ tau: "0.7", seed: "3" })).toEqual(["seed 3, τ 0.7, coarse-to-fine"]);
  expect(names({ model: "light, c2f:zoo-half" })).toEqual(
    [
      "seed 1, light",
      "seed 2, light",
      "seed 3, light",
      "seed 4, light",
      ...[1, 2, 3, 4].map((seed) => `seed ${seed}, τ 0.7, coarse-to-fine (zoo-half)`),
    ].slice(0, 8),
  );
  expect(names({ solver: "heun", steps: "10", class: "dylan, micah" }, { model: "heavy" })).toEqual([
    "seed 1, dylan, 10 steps, Heun, heavy",
    "seed 1, micah, 10 steps, Heun, heavy",
  ]);
});

test("no two cells of a grid have one name", () => {
  const all = names({ tau: "0, 0.5", seed: "1-3", guidance: "1, 1.5" });
  expect(new Set(all).size).toBe(all.length);
});

test.each([
  ["seed", "3", "seed 3"],
  ["tau", "0.7", "τ 0.7"],
  ["steps", "60", "60 steps"],
  ["solver", "ab2", "Adams–Bashforth 2"],
  ["guidance", "1.5", "guidance 1.5"],
  ["class", "micah", "micah"],
  ["model", "c2f:zoo-half", "coarse-to-fine (zoo-half)"],
  ["variant", "zoo-half", "zoo-half"],
] as const)("a header of the %s axis says %s as '%3$s'", (axis, text, words) => {
  expect(valueWords(axisOf(axis, text), 0)).toBe(words);
});
