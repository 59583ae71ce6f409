import { expect, test } from "vitest";
import { classesOf, labelOf, MIXED } from "#checkpoints/classes.ts";
import { SHIPPED } from "../state/support.ts";

const [family] = SHIPPED.families;
const names = classesOf(family, []);

test("mixed gives a seed the same class wherever it stands in a batch, and whatever further classes a model knows", () => {
  for (const known of [names, [...names, "fruit"]]) {
    expect(labelOf(MIXED, 11, known, family)).toBe(3);
    expect(labelOf(MIXED, Number.MAX_SAFE_INTEGER, known, family)).toBe(7);
    expect(labelOf("micah", 11, known, family)).toBe(4);
  }
});

test("models that draw together can be asked for the further classes that all of them know", () => {
  const knows = (...classes: string[]) => ({ classes });
  expect(classesOf(family, [knows("fruit", "fish"), knows("fruit", "bread")])).toEqual([...names, "fruit"]);
  expect(classesOf(family, [knows("fruit"), {}])).toEqual(names);
  expect(classesOf(family, [knows("fruit"), null])).toEqual([...names, "fruit"]);
  expect(labelOf("fruit", 1, classesOf(family, [knows("fruit")]), family)).toBe(8);
});
