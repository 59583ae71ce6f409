import { expect, test } from "vitest";
import { axisOf } from "#compare/values.ts";
import { cellName, cellNames, valueWords } from "#compare/words.ts";
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

test("no two cells of a grid have one name, though they are one picture", () => {
  for (const [axes, fixed] of [
    [{ tau: "0, 0.5", seed: "1-3", guidance: "1, 1.5" }, {}],
    [{ variant: "zoo-base, zoo-half", seed: "1-2" }, { model: "heavy" }],
    [{ class: "micah, mixed", seed: "1-16" }, {}],
    [{ tau: "0.7, 0.7001, 0.70011", seed: "1-2" }, {}],
    [{ model: "light, zoo-half", variant: "light, zoo-half" }, {}],
  ] as const) {
    const all = cellNames(gridWith(axes, fixed), comparisonOf(axes, fixed));
    expect(new Set(all).size, JSON.stringify(all)).toBe(all.length);
  }
  const heavy = { variant: "zoo-base, zoo-half", seed: "1" };
  expect(cellNames(gridWith(heavy, { model: "heavy" }), comparisonOf(heavy, { model: "heavy" }))).toEqual([
    "seed 1, heavy, data variant zoo-base",
    "seed 1, heavy, data variant zoo-half",
  ]);
});

test("a cell and its header say one number: three decimals where that is enough", () => {
  expect(names({ tau: "0-1 [8]", seed: "1" })[4]).toBe("seed 1, τ 0.571, coarse-to-fine");
  expect(valueWords(axisOf("tau", "0-1 [8]"), 4)).toBe("τ 0.571");
  expect(valueWords(axisOf("tau", "0.5711, 0.57114"), 1)).toBe("τ 0.57114");
  expect(valueWords(axisOf("tau", "0, 1e-7"), 1)).toBe("τ 1e-7");
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
