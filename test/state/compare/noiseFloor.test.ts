import { expect, test } from "vitest";
import type { Family, ModelEntry } from "#checkpoints/manifest.ts";
import { gridOf } from "#compare/grid.ts";
import { linesOf } from "#compare/partners.ts";
import { floorLines, seedPairs, zooFloor } from "#state/compare/noiseFloor.ts";
import { comparisonOf, familyWith } from "../../compare/support.ts";
import { SHIPPED } from "../support.ts";

const zoo = familyWith({ name: "zoo-base" }, { name: "zoo-seed" }, { name: "zoo-half" });

/** The family with recipes of some of its models changed. */
const withRecipes = (
  family: Family,
  of: Readonly<Record<string, Partial<NonNullable<ModelEntry["recipe"]>>>>,
): Family => ({
  ...family,
  models: family.models.map((model) => ({
    ...model,
    recipe: model.recipe && { ...model.recipe, ...of[model.name] },
  })),
});
const family = withRecipes(zoo, {
  "zoo-base": { seed: 1, steps: 2000 },
  "zoo-seed": { seed: 2, steps: 2000 },
  "zoo-half": { seed: 3, steps: 2000, data: "half of it" },
});

const floorOf = (axes: Parameters<typeof comparisonOf>[0], fixed = {}) => {
  const settings = comparisonOf(axes, { model: "light", ...fixed });
  const grid = gridOf(settings, family);
  if (!grid.ok) throw new Error(JSON.stringify(grid.error));
  return floorLines(grid.value, linesOf(grid.value, settings), family)?.map(({ cells }) => cells);
};

test("models make a noise floor when their recipes differ in the training seed alone", () => {
  expect(seedPairs(family)).toEqual([["zoo-base", "zoo-seed"]]);
});

test("the shipped zoo has such a pair", () => {
  const shipped = SHIPPED.families.find(({ models }) => models.some(({ name }) => name === "zoo-seed"));
  if (shipped) expect(seedPairs(shipped)).toEqual([["zoo-base", "zoo-seed"]]);
});

test("a grid with both over the same seeds has the floor's two lines", () => {
  expect(floorOf({ variant: "zoo-half, zoo-seed, zoo-base", seed: "1-3" })).toEqual([
    [6, 7, 8],
    [3, 4, 5],
  ]);
  expect(floorOf({ variant: "zoo-half, zoo-base", seed: "1-3" })).toBeUndefined();
});

test("only lines that are drawn alike make it: the same steps, class and guidance, and no heavy model in it", () => {
  const both = { variant: "zoo-base, zoo-seed", seed: "1-3" };
  expect(floorOf({ ...both, steps: "10, 20" })?.[0]).toEqual([0, 1, 2]);
  expect(floorOf({ ...both, steps: "10, 20" })?.[1]).toEqual([3, 4, 5]);
  expect(floorOf(both, { model: "c2f" })).toBeUndefined();
});

test("a figure of the manifest is the zoo's, with its interval", () => {
  const said = { name: "s_norm to zoo-base", value: 0.8, low: 0.7, high: 0.9 };
  const measured = {
    ...family,
    models: family.models.map((model) => (model.name === "zoo-seed" ? { ...model, metrics: [said] } : model)),
  };
  expect(zooFloor(measured)).toEqual({ sNorm: 0.8, interval: [0.7, 0.9], from: "zoo" });
  expect(zooFloor(family)).toBeNull();
});
