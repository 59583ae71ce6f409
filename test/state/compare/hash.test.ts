import { describe, expect, test } from "vitest";
import { findFamily } from "#checkpoints/manifest.ts";
import { moveTheSwitch, presetsFor } from "#compare/presets.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { axisOf } from "#compare/values.ts";
import { parseCompareHash, printCompareHash } from "#state/compare/hash.ts";
import { pageOf } from "#state/page.ts";
import { familyWith } from "../../compare/support.ts";
import { SHIPPED } from "../support.ts";

const family = familyWith({ name: "zoo-base" }, { name: "zoo-half" }, { name: "zoo-complement" });
const parse = (hash: string) => parseCompareHash(hash, () => family);
const usual = moveTheSwitch(family);

/** The same values, whatever spaces they were typed with. */
const valuesOf = ({ rows, columns, panels, ...rest }: ComparisonSettings) => ({
  ...rest,
  axes: [rows, columns, panels].map((axis) => axis && [axis.name, axis.values]),
});

const UNUSUAL: ComparisonSettings = {
  family: family.name,
  rows: axisOf("tau", "0-1 [5], 0.3"),
  columns: axisOf("seed", "1-10 (+3)"),
  panels: axisOf("model", "light, c2f:zoo-half, c2f:zoo-half:heavy"),
  fixed: {
    seed: Number.MAX_SAFE_INTEGER,
    className: "mixed",
    model: "c2f:zoo-half",
    tau: 1e-7,
    steps: 1000,
    solver: "ab2",
    guidance: 0.1 + 0.2,
  },
  reference: { panel: 2, row: 4, column: 1 },
  view: "slider",
};

describe("a link says everything of a comparison", () => {
  test.each([
    ["usual", usual],
    ["unusual", UNUSUAL],
  ] as const)("the %s settings come back as they were", (_, settings) => {
    const parsed = parse(printCompareHash(settings));
    expect(parsed.problems).toEqual([]);
    expect(parsed.explicit).toBe(true);
    expect(valuesOf(parsed.settings)).toEqual(valuesOf(settings));
    expect(printCompareHash(parsed.settings)).toBe(printCompareHash(settings));
  });

  test("so do those of every preset, from an address as a browser writes it", () => {
    for (const { settings } of presetsFor(family)) {
      const { hash } = new URL(`https://example.org/${printCompareHash(settings)}`);
      expect(valuesOf(parse(hash).settings)).toEqual(valuesOf(settings));
    }
  });

  test("and it can be read", () => {
    expect(printCompareHash(usual)).toBe(
      "#/compare?family=avatars-64&rows=tau:0,0.3,0.5,0.7,1&columns=seed:1-4&panels=none&seed=1&class=micah&model=c2f&tau=0.7&steps=60&solver=euler&guidance=1.5&reference=1.1.1&view=image",
    );
  });
});

test("what a link leaves out is usual, and a page without settings says nothing", () => {
  expect(parse("#/compare")).toEqual({ settings: usual, explicit: false, problems: [] });
  const { settings, explicit } = parse("#/compare?steps=20&unknown=1");
  expect(explicit).toBe(true);
  expect(settings).toEqual({ ...usual, fixed: { ...usual.fixed, steps: 20 } });
});

test("a link that says one direction leaves the other to something else", () => {
  expect(parse("#/compare?rows=seed:1-3").settings).toMatchObject({
    rows: { name: "seed" },
    columns: { name: "tau" },
  });
  expect(parse("#/compare?columns=tau:0,1").settings).toMatchObject({
    rows: { name: "seed" },
    columns: { name: "tau", values: [0, 1] },
  });
  expect(parse("#/compare?columns=tau:0,1&rows=seed:5").problems).toEqual([]);
});

test.each([
  ["rows", "nothing"],
  ["rows", "tau"],
  ["rows", "tau:"],
  ["rows", "tau:2"],
  ["columns", "size:1-4"],
  ["columns", "seed:<script>"],
  ["panels", "toString:1"],
  ["reference", "0.1"],
  ["reference", "1"],
  ["view", "constructor"],
  ["steps", "1"],
  ["solver", "dopri5"],
  ["class", "<b>"],
  ["model", "c2f:"],
])("%s=%s is told and replaced by the usual one", (key, text) => {
  const { settings, problems } = parse(`#/compare?${key}=${encodeURIComponent(text)}`);
  expect(problems).toEqual([{ key, text }]);
  expect(settings).toEqual(usual);
});

test("a family that there is not is told", () => {
  const familyOf = (name: string | null) => findFamily(SHIPPED, name ?? "") ?? family;
  expect(parseCompareHash("#/compare?family=nobody", familyOf).problems).toEqual([
    { key: "family", text: "nobody" },
  ]);
});

test("any text is answered", () => {
  for (const hash of [
    "",
    "#",
    "?",
    "%",
    "#/compare?%",
    "#/compare?rows=%E0%A4%A",
    `#/compare?rows=seed:${"1,".repeat(1e5)}`,
  ])
    expect(parse(hash).settings.family).toBe(family.name);
});

test.each([
  ["#/compare?rows=seed:1", "compare"],
  ["#/compare", "compare"],
  ["#/generate?seed=1", "generate"],
  ["", "generate"],
  ["#/toString", "generate"],
  ["#/comparex", "generate"],
])("the hash %j names the page %s", (hash, page) => {
  expect(pageOf(hash)).toBe(page);
});

test("what is too much says how much it was and how much there may be", () => {
  expect(parse("#/compare?columns=seed:1-10000").problems).toEqual([
    { key: "columns", text: "seed:1-10000", excess: { of: "values", count: 10_000, max: 1024 } },
  ]);
  const long = "1,".repeat(2600);
  expect(parse(`#/compare?panels=seed:${long}`).problems).toMatchObject([
    { key: "panels", excess: { of: "characters", max: 5000 } },
  ]);
});

test("a link of any length that a page can print is read whole, and a longer one not at all", () => {
  const longest = Array.from(
    { length: 250 },
    (_, i) => `${9_007_199_254_000_000 + i} - ${9_007_199_254_000_000 + i}`,
  );
  const settings = { ...usual, columns: axisOf("seed", longest.slice(0, 130).join(",")) };
  const printed = printCompareHash(settings);
  expect(parse(printed).settings.columns.values.length).toBe(130);
  const tooLong = `${printed}&note=${"x".repeat(50_000)}`;
  expect(parse(tooLong)).toMatchObject({
    settings: usual,
    explicit: false,
    problems: [{ key: "/compare", excess: { of: "characters", count: tooLong.length, max: 50_000 } }],
  });
});
