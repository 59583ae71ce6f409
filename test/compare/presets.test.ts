import { expect, test } from "vitest";
import { findFamily } from "#checkpoints/manifest.ts";
import { gridOf } from "#compare/grid.ts";
import { presetsFor } from "#compare/presets.ts";
import { SHIPPED } from "../state/support.ts";
import { familyWith } from "./support.ts";

const zoo = [
  { name: "zoo-base", group: "data" },
  { name: "zoo-half", group: "data" },
  { name: "zoo-complement", group: "data" },
  { name: "zoo-drop-micah", group: "data" },
  { name: "zoo-l-inverse", group: "score" },
  { name: "zoo-cb", group: "score" },
  { name: "zoo-seed", group: "seed" },
  { name: "zoo-width-64", group: "width", parameters: 3e5 },
  { name: "zoo-width-192", group: "width", parameters: 3e6 },
];

const ids = (...names: readonly string[]) =>
  presetsFor(familyWith(...zoo.filter(({ name }) => names.includes(name)))).map(({ id }) => id);

test("a preset whose models are not there is not offered", () => {
  expect(ids()).toEqual(["switch", "order", "shrink", "steps"]);
  expect(ids("zoo-half", "zoo-complement")).toEqual(["switch", "order", "shrink", "steps"]);
  expect(ids("zoo-base", "zoo-half")).toEqual(["switch", "order", "shrink", "halve", "steps"]);
  expect(ids(...zoo.map(({ name }) => name))).toEqual([
    "switch",
    "order",
    "shrink",
    "halve",
    "disjoint",
    "steps",
    "class",
  ]);
});

test("the shipped models answer all seven questions", () => {
  const shipped = findFamily(SHIPPED, "avatars-64");
  if (!shipped) throw new Error("the shipped manifest has no family avatars-64");
  const presets = presetsFor(shipped);
  expect(presets.map(({ title }) => title)).toEqual([
    "Move the switch",
    "Change the order",
    "Shrink the model",
    "Halve the data",
    "Disjoint halves",
    "Fewer steps",
    "Remove a class",
  ]);
  for (const { id, settings } of presets) expect([id, gridOf(settings, shipped).ok]).toEqual([id, true]);
});

test("every preset makes a grid of its family", () => {
  const family = familyWith(...zoo);
  for (const { id, settings } of presetsFor(family))
    expect([id, gridOf(settings, family).ok]).toEqual([id, true]);
});

test("models shrink from the largest to the smallest, and the reference is the largest", () => {
  const shrink = presetsFor(familyWith(...zoo)).find(({ id }) => id === "shrink");
  expect(shrink?.settings.rows).toMatchObject({
    name: "variant",
    values: ["zoo-width-192", "zoo-base", "zoo-width-64"],
  });
});

test("a class is removed beside classes that stay", () => {
  const removed = presetsFor(familyWith(...zoo)).find(({ id }) => id === "class");
  expect(removed?.settings.panels).toMatchObject({
    name: "class",
    values: ["micah", "adventurer", "bigSmile"],
  });
  expect(removed?.settings.rows.values).toEqual(["zoo-base", "zoo-drop-micah"]);
});
