import { expect, test } from "vitest";
import { withLocalModels } from "#library/entry.ts";
import { metricFacts, recipeFacts } from "#ui/models/facts.ts";
import { bytesOf, partsOf } from "#ui/models/Shipped/parts.ts";
import { tinyFamily } from "../../fixtures/tinyFamily.ts";
import { tunedTiny } from "../../library/support.ts";

test("every file of a family is listed once, and own models are not among the shipped", async () => {
  const { manifest, files } = await tinyFamily();
  const { model } = await tunedTiny();
  const [family] = withLocalModels(manifest, [model]).families;
  const { main, variants } = partsOf(family);
  const listed = [...main, ...variants].flatMap((part) => part.files.map(({ file }) => file));
  expect(listed.sort()).toEqual([...files.keys()].sort());
  expect(main.map(({ title }) => title)).toEqual([
    "Light model",
    "Heavy model",
    "Decoder",
    "Encoder",
    "Decoder of second",
    "Encoder of second",
    "Embedding network",
    "Attribute network",
  ]);
  expect(variants.map(({ name }) => name)).toEqual(["narrow", "round", "foreign"]);
  expect(bytesOf(main[0].files)).toBe(files.get("tiny/light.safetensors")?.length);
});

test("a recipe says what is known, and that the rest is not", () => {
  const recipe = {
    data: "24,000 avatars",
    steps: null,
    samples_seen: 85000,
    minutes: 36,
    device: "2 CPU cores",
    loss: null,
    seed: 0,
    notes: "",
  };
  expect(recipeFacts(recipe)).toEqual([
    ["Data", "24,000 avatars"],
    ["Steps", "not written down"],
    ["Pictures seen", "85,000"],
    ["Time", "36 min on 2 CPU cores"],
    ["Training seed", "0"],
  ]);
  expect(recipeFacts(null)).toEqual([["Training", "nobody wrote it down"]]);
});

test("a measured number stands with its unit and its interval", () => {
  expect(
    metricFacts([
      { name: "FD-embedding", value: 12.34567, low: 12, high: 13.1 },
      { name: "PSNR", value: 29.8, unit: "dB" },
    ]),
  ).toEqual([
    ["FD-embedding", "12.35 (12 to 13.1)"],
    ["PSNR", "29.8 dB"],
  ]);
});
