import { beforeAll, describe, expect, test } from "vitest";
import type { Family } from "#checkpoints/manifest.ts";
import { chooseModels, latentOf, partsFor } from "#checkpoints/modelChoice.ts";
import { choiceOf, hasSwitch, isModelText, orderOf } from "#checkpoints/modelText.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";

let family: Family;
beforeAll(async () => {
  const { manifest } = await tinyFamily();
  if (!manifest.families[0]) throw new Error("no family");
  family = manifest.families[0];
});

/** Parts that a model needs at tau 0.7 with Euler. */
function partsOf(text: string, tau = 0.7) {
  const chosen = chooseModels(family, text);
  return chosen.ok ? partsFor(chosen.value, { tau, steps: 11, solver: "euler" }) : chosen.error;
}

test.each([
  ["light", ["decoder", "light"]],
  ["heavy", ["decoder", "heavy"]],
  ["c2f", ["decoder", "light", "heavy"]],
  ["narrow", ["decoder", "model:narrow"]],
  ["c2f:narrow", ["decoder", "model:narrow", "heavy"]],
  ["c2f:light:narrow", ["decoder", "light", "model:narrow"]],
  ["c2f:narrow:narrow", ["decoder", "model:narrow"]],
  ["c2f:heavy:light", ["decoder", "light", "heavy"]],
  ["c2f:heavy:narrow", ["decoder", "model:narrow", "heavy"]],
  ["foreign", ["decoder:second", "model:foreign"]],
])("%s needs %j", (text, parts) => expect(partsOf(text)).toEqual(parts));

test("coarse-to-fine at tau = 0 does without the model in the light one's place", () =>
  expect(partsOf("c2f:narrow", 0)).toEqual(["decoder", "heavy"]));

test("heavy first at tau = 0 does without the heavy model, and at tau = 1 without the light one", () => {
  expect(partsOf("c2f:heavy:light", 0)).toEqual(["decoder", "light"]);
  expect(partsOf("c2f:heavy:light", 1)).toEqual(["decoder", "heavy"]);
});

test.each([
  ["zoo", "There is no model 'zoo'"],
  ["c2f:zoo", "There is no model 'zoo'"],
  ["c2f:narrow:zoo", "There is no model 'zoo'"],
  ["c2f:narrow:light:heavy", "There is no model"],
  ["", "There is no model ''"],
  ["light:heavy", "There is no model 'light:heavy'"],
  ["model:narrow", "There is no model 'model:narrow'"],
  ["variant", "There is no model 'variant'"],
  ["c2f:foreign", "different autoencoders"],
])("'%s' cannot be drawn: %s", (text, said) => expect(partsOf(text)).toContain(said));

test("a model's latents are those of its autoencoder", () => {
  const chosen = chooseModels(family, "foreign");
  expect(chosen.ok && latentOf(chosen.value.autoencoder)).toEqual({ channels: 2, height: 4, width: 4 });
});

describe("as text", () => {
  test.each(["light", "zoo-half", "c2f", "c2f:a", "c2f:a:b", "v1.2_x"])("%s may name a model", (text) =>
    expect(isModelText(text)).toBe(true),
  );
  test.each(["", "a b", "a:b", "c2f:", "c2f::b", "c2f:a:b:c", "a".repeat(65), "<b>", "../x"])(
    "'%s' names none",
    (text) => expect(isModelText(text)).toBe(false),
  );
  test("two models take turns in an order, and are named by it", () => {
    expect(["c2f:heavy:light", "c2f:heavy:a", "c2f:heavy:heavy", "c2f:heavy"].map(choiceOf)).toEqual([
      "heavyFirst",
      "heavyFirst",
      "c2f",
      "c2f",
    ]);
    expect(orderOf("c2f:heavy:light")).toEqual({ order: "heavy first", others: [] });
    expect(orderOf("c2f:heavy:a")).toEqual({ order: "heavy first", others: ["a"] });
    expect(orderOf("c2f:a:b")).toEqual({ order: "coarse-to-fine", others: ["a", "b"] });
    expect(["light", "heavy", "a", "c2f", "c2f:heavy:light"].map(hasSwitch)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });
  test("a model drawn alone takes the light one's place unless it is the heavy one", () =>
    expect(["light", "heavy", "c2f", "c2f:a", "zoo"].map(choiceOf)).toEqual([
      "light",
      "heavy",
      "c2f",
      "c2f",
      "light",
    ]));
});
