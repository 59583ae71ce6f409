import { describe, expect, test } from "vitest";
import { cellAt, gridOf, withVariant } from "#compare/grid.ts";
import { comparisonOf, FAMILY, familyWith, gridWith } from "./support.ts";

test("cells stand panel by panel, row by row, each with what its axes say", () => {
  const grid = gridWith({ tau: "0.5, 0.7", seed: "1-3", class: "micah, dylan" });
  expect([grid.panels, grid.rows, grid.columns, grid.cells.length]).toEqual([2, 2, 3, 12]);
  const at = { panel: 1, row: 0, column: 2 };
  expect(grid.cells[cellAt(grid, at)]).toMatchObject({
    place: at,
    settings: { seed: 3, tau: 0.5, className: "dylan", label: 2, model: "c2f", steps: 60 },
  });
  expect(grid.cells.map(({ place }) => cellAt(grid, place))).toEqual(grid.cells.map((_, i) => i));
});

test("a place beyond the grid is brought inside it", () => {
  const grid = gridWith({ tau: "0.5, 0.7", seed: "1-3" });
  expect(cellAt(grid, { panel: 9, row: 9, column: 9 })).toBe(5);
});

test("mixed gives each seed its own class, as on the Generate page", () => {
  const grid = gridWith({ tau: "0.7", seed: "8-10" }, { className: "mixed" });
  expect(grid.cells.map(({ settings }) => [settings.label, settings.className])).toEqual([
    [0, "adventurer"],
    [1, "bigSmile"],
    [2, "dylan"],
  ]);
});

test.each([
  ["light", "zoo-half", "zoo-half"],
  ["zoo-base", "zoo-half", "zoo-half"],
  ["c2f", "zoo-half", "c2f:zoo-half"],
  ["c2f:zoo-base", "zoo-half", "c2f:zoo-half"],
  ["c2f:zoo-base:zoo-base", "zoo-half", "c2f:zoo-half:zoo-base"],
  ["c2f:zoo-base", "light", "c2f"],
  ["heavy", "zoo-half", "heavy"],
  ["c2f:heavy:light", "zoo-half", "c2f:heavy:zoo-half"],
  ["c2f:heavy:zoo-half", "light", "c2f:heavy:light"],
  ["c2f:heavy:light", "heavy", "heavy"],
])("%s with %s in the light place is %s", (model, name, text) => {
  expect(withVariant(model, name)).toBe(text);
});

test("the variant goes into the light place of whatever the model axis says", () => {
  const grid = gridWith({ model: "light, c2f", variant: "zoo-base, zoo-half" });
  expect(grid.cells.map(({ settings }) => settings.model)).toEqual([
    "zoo-base",
    "zoo-half",
    "c2f:zoo-base",
    "c2f:zoo-half",
  ]);
});

describe("settings that make no grid say why", () => {
  const problem = (...of: Parameters<typeof comparisonOf>) => {
    const grid = gridOf(comparisonOf(...of), FAMILY);
    return grid.ok ? null : grid.error;
  };
  test("more cells than a panel takes, or the page", () => {
    expect(problem({ tau: "0-1 [17]", seed: "1-16" })).toEqual({
      kind: "TooManyCells",
      cells: 272,
      max: 256,
    });
    expect(problem({ tau: "0-1 [16]", seed: "1-16" })).toBeNull();
    expect(problem({ tau: "0-1 [16]", seed: "1-16", steps: "10-14" })).toEqual({
      kind: "TooManyCells",
      cells: 1280,
      max: 1024,
    });
  });
  test("a class or a model that the family has not", () => {
    expect(problem({ class: "micah, nobody", seed: "1" })).toMatchObject({
      kind: "UnknownClass",
      name: "nobody",
    });
    expect(problem({ tau: "0" }, { className: "nobody" })).toMatchObject({
      kind: "UnknownClass",
      name: "nobody",
    });
    expect(problem({ model: "light, toString" })).toMatchObject({ kind: "UnknownModel", model: "toString" });
    expect(problem({ variant: "zoo-none" })).toMatchObject({ kind: "UnknownModel", model: "c2f:zoo-none" });
  });
  test("one axis in two directions", () => {
    const settings = comparisonOf({ seed: "1-4" });
    expect(gridOf({ ...settings, columns: settings.rows }, FAMILY)).toEqual({
      ok: false,
      error: { kind: "SameAxis", axis: "seed" },
    });
  });
});

test("models in the latents of different autoencoders make no trajectory", () => {
  const family = familyWith({ name: "zoo-autoencoder", group: "autoencoder", autoencoder: "other" });
  expect(gridOf(comparisonOf({ variant: "zoo-autoencoder" }), family)).toMatchObject({
    ok: false,
    error: { kind: "UnknownModel", model: "c2f:zoo-autoencoder" },
  });
});

test("the largest grid of the longest trajectories is planned within a frame or two", () => {
  const settings = comparisonOf(
    { tau: "0-1 [16]", seed: "1-16", guidance: "1-4" },
    { steps: 1000, solver: "rk4" },
  );
  gridOf(settings, FAMILY);
  const started = performance.now();
  expect(gridOf(settings, FAMILY).ok).toBe(true);
  // About 10 ms on a machine with nothing else to do.
  expect(performance.now() - started).toBeLessThan(150);
});
