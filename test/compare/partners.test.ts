import { expect, test } from "vitest";
import { linesOf, partnersOf } from "#compare/partners.ts";
import { comparisonOf, gridWith } from "./support.ts";

const partners = (axes: Parameters<typeof comparisonOf>[0], reference: readonly [number, number, number]) => {
  const [panel, row, column] = reference;
  const settings = { ...comparisonOf(axes), reference: { panel, row, column } };
  const grid = gridWith(axes);
  return { partners: partnersOf(grid, settings), lines: linesOf(grid, settings) };
};

test("where seed is an axis, a cell is compared with the same seed under the reference's settings", () => {
  expect(partners({ tau: "0, 0.5, 1", seed: "1-3" }, [0, 1, 2]).partners).toEqual([
    3, 4, 5, 3, 4, 5, 3, 4, 5,
  ]);
  expect(partners({ seed: "1-3", tau: "0, 0.5" }, [0, 1, 1]).partners).toEqual([1, 1, 3, 3, 5, 5]);
  expect(partners({ tau: "0, 1", steps: "10, 20", seed: "1-2" }, [1, 0, 1]).partners).toEqual([
    1, 1, 1, 1, 5, 5, 5, 5,
  ]);
});

test("panels of another setting are compared with the reference's panel", () => {
  expect(partners({ tau: "0, 1", seed: "1-2", steps: "10, 20" }, [1, 0, 0]).partners).toEqual([
    4, 5, 4, 5, 4, 5, 4, 5,
  ]);
});

test("another class is compared with itself under the reference's settings, where anything else changes", () => {
  // The class is part of what a picture starts from: a model without micah is compared class by class.
  expect(
    partners({ variant: "zoo-base, zoo-half", seed: "1-2", class: "micah, dylan" }, [0, 0, 0]).partners,
  ).toEqual([0, 1, 0, 1, 4, 5, 4, 5]);
  expect(partners({ class: "micah, dylan", steps: "10, 20" }, [0, 1, 1]).partners).toEqual([1, 1, 3, 3]);
});

test("classes are compared with each other where nothing else changes but the seed", () => {
  expect(partners({ class: "micah, dylan", seed: "1-2" }, [0, 1, 0]).partners).toEqual([2, 3, 2, 3]);
});

test("without seeds along an axis every cell is compared with the reference itself", () => {
  expect(partners({ tau: "0, 1", steps: "10, 20" }, [0, 1, 0]).partners).toEqual([2, 2, 2, 2]);
});

test("a line is one setting with all its seeds", () => {
  const { lines } = partners({ tau: "0, 1", seed: "1-3" }, [0, 1, 0]);
  expect(lines).toEqual([
    { cells: [0, 1, 2], partners: [3, 4, 5] },
    { cells: [3, 4, 5], partners: [3, 4, 5] },
  ]);
  expect(
    partners({ tau: "0, 1", steps: "10, 20", seed: "1-2" }, [0, 0, 0]).lines.map(({ cells }) => cells),
  ).toEqual([
    [0, 4],
    [1, 5],
    [2, 6],
    [3, 7],
  ]);
});

test("without seeds, or with one, there is no line", () => {
  expect(partners({ tau: "0, 1", steps: "10, 20" }, [0, 0, 0]).lines).toEqual([]);
  expect(partners({ tau: "0, 1", seed: "7" }, [0, 0, 0]).lines).toEqual([]);
});
