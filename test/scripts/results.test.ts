import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { lineChart, niceTicks, rowChart, spread } from "../../scripts/results/chart.ts";
import { figuresOf } from "../../scripts/results/figures.ts";
import { interval, number } from "../../scripts/results/numbers.ts";
import { report } from "../../scripts/results/report.ts";
import { RESULTS } from "../../scripts/results/schema.ts";

const example = v.parse(
  RESULTS,
  JSON.parse(await readFile(new URL("../fixtures/results.json", import.meta.url), "utf8")),
);
const family = example.families["avatars-64"];
const figures = new Map([["avatars-64", figuresOf("avatars-64", family)]]);
const speedUps = new Map([["avatars-64", [{ guidance: 1, times: 2.63 }]]]);
const whole = report(example, { figures, speedUps });
const without = { figures: new Map(), speedUps: new Map() };

describe("the report", () => {
  test("says plainly what is worse: missed targets, higher FD, classes that are not recognised", () => {
    const worse = whole.slice(whole.indexOf("Where ours is worse"), whole.indexOf("Networks behind"));
    expect(worse).toContain("Not met: C_b at half of the data");
    expect(worse).toContain("zoo-half");
    expect(worse).toContain("Coarse-to-fine with fm at τ = 0.7");
    expect(worse).toContain("heavy: recognised less than 95.0 % of the time: dylan 94.0 %.");
    expect(worse).not.toContain("zoo-width-192 (");
  });

  test("says what another training seed does to FD, and which differences that covers", () => {
    const base = family.models.find(({ name }) => name === "zoo-half");
    if (base === undefined) throw new Error("the example has a zoo-half");
    const ratio = (value: number) => ({ value, low: value - 0.02, high: value + 0.02, blocks: [value] });
    const seed = { ...base, name: "zoo-seed", fdRatio: ratio(1.2) };
    const g = { ...base, name: "zoo-g", fdRatio: ratio(1.4) };
    const families = { "avatars-64": { ...family, models: [...family.models, seed, g] } };
    const words = report({ ...example, families }, without);
    expect(words).toContain("its FD is 1.200 [1.180, 1.220] times that of zoo-base");
    expect(words).toContain("by it, the differences of zoo-half cannot be told from chance");
    expect(words).not.toContain("- zoo-seed (");
    expect(words).toContain("- zoo-g (");
    expect(whole).not.toContain("What chance does");
  });

  test("puts the paper's ratio beside ours and says what was not trained", () => {
    expect(whole).toContain(
      "| random | 25.25 | 1.042 | 4.20 [3.78, 4.62] | 1.050 [1.029, 1.071] | 1.050 [1.018, 1.081] |",
    );
    expect(whole).toMatch(/G⁻¹ \| 29\.75 \| 1\.227 \| not trained/);
    expect(whole).toContain("2.63× at guidance 1 ([docs/bench.md](bench.md))");
    expect(report(example, without)).not.toContain("bench.md");
  });

  test("says where half of the data costs more than in the paper", () => {
    const half = family.models.find(({ name }) => name === "zoo-half");
    if (!half) throw new Error("the example has a zoo-half");
    const ratio = { value: 1.4, low: 1.3, high: 1.5, blocks: [] };
    const cb = { ...half, name: "zoo-cb", fdRatio: ratio };
    const families = { "avatars-64": { ...family, models: [...family.models, cb] } };
    const words = report({ ...example, families }, without);
    expect(words).toContain(
      "costs more here than in the paper, as a ratio to all of it (the paper's in brackets): C_b 1.400 (0.941).",
    );
    expect(whole).not.toContain("costs more here");
  });

  test("gives every share its interval, and what training drawings get", () => {
    expect(whole).toContain("| training drawings | 1.30 [1.17, 1.43] | 1.04 [0.94, 1.14] |");
    expect(whole).toContain("| distil, light first, τ = 0.7 |");
    expect(whole).toContain("| distil, heavy first, τ = 0.3 |");
    expect(whole).not.toContain("| distil, light first, τ = 0 |");
    expect(whole).toContain("| micah.hair | 80.0 % |");
    expect(whole).toMatch(/\| model \| t = 0\.1 \| t = 0\.5 \| t = 0\.9 \|/);
  });

  test("says which coarse-to-fine pictures are not recognised", () => {
    expect(whole).toContain(
      "- Coarse-to-fine with fm at τ = 0.5: recognised less than 95.0 % of the time: dylan 94.0 %.",
    );
    expect(whole).not.toContain("with fm at τ = 0:");
  });

  test("leaves an infinite PSNR empty and marks the noise floor", () => {
    expect(whole).toMatch(/zoo-base · zoo-seed \(noise floor\) .*\| {2}\| 0\.700 \[/);
  });

  test("has every row of a table as wide as its head", () => {
    for (const block of whole.split("\n\n").filter((part) => part.startsWith("|"))) {
      const widths = block.split("\n").map((row) => row.split("|").length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  test("refuses a results file with a key that it does not know", () => {
    expect(v.safeParse(RESULTS, { ...example, more: 1 }).success).toBe(false);
  });
});

describe("the figures", () => {
  test("are five for a family that was measured in all respects, none for what was not measured", () => {
    expect(figuresOf("a", family).map((figure) => figure.file)).toEqual([
      "results-a-fd-steps.svg",
      "results-a-likeness-steps.svg",
      "results-a-similarity.svg",
      "results-a-loss.svg",
      "results-a-ladder.svg",
    ]);
    expect(figuresOf("a", { ...family, models: [], coarseToFine: [], pairs: [] })).toEqual([]);
  });

  test("put the base of the ladder among its rungs", () => {
    const ladder = figuresOf("a", family)[4];
    expect(ladder.svg.match(/<circle [^>]*r="3.5"/g)).toHaveLength(3);
  });

  test("draw every point with its interval and every name once, without NaN", () => {
    const [steps, likeness] = figuresOf("a", family);
    // Four taus of two recipes, and heavy first at one, with both ends where one model draws alone.
    expect(steps.svg.match(/<circle [^>]*r="3.5"/g)).toHaveLength(8 + 3);
    expect(likeness.svg.match(/<circle [^>]*r="3.5"/g)).toHaveLength(8 + 3);
    for (const name of ["distil, light first", "distil, heavy first", "fm, light first"])
      expect(steps.svg).toContain(`>${name}</text>`);
    expect(steps.svg).toContain(">heavy alone</text>");
    for (const { svg } of figuresOf("a", family)) expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("put larger values higher, and further right in rows", () => {
    const points = [0, 1].map((x) => ({ x, y: 1 + x, low: 1 + x, high: 1 + x }));
    const lines = lineChart({
      title: "t",
      x: { label: "x", ticks: [0, 1] },
      y: { label: "y" },
      series: [{ name: "s", points }],
    });
    const heights = [...lines.matchAll(/cy="([\d.]+)" r="3.5"/g)].map((match) => Number(match[1]));
    expect(heights[1]).toBeLessThan(heights[0]);
    const rows = rowChart({
      title: "t",
      x: { label: "x" },
      rows: [0.2, 0.8].map((value) => ({ label: "r", value, low: value, high: value })),
    });
    const places = [...rows.matchAll(/<circle cx="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(places[1]).toBeGreaterThan(places[0]);
  });

  test("escape what a name might hold", () => {
    const rows = rowChart({
      title: 'a"b',
      x: { label: "<x>" },
      rows: [{ label: "a & b", value: 1, low: 0, high: 2 }],
    });
    expect(rows).toContain("a &amp; b");
    expect(rows).toContain("&lt;x&gt;");
    expect(rows).toContain('aria-label="a&quot;b"');
  });
});

test.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [3.1, 4.9, [3, 3.5, 4, 4.5, 5]],
  [-0.03, 0.11, [-0.04, -0.02, 0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12]],
])("ticks cover %f to %f in round steps", (low, high, want) => {
  const ticks = niceTicks(low, high);
  expect(ticks[0]).toBeLessThanOrEqual(low);
  expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(high);
  expect(ticks.length).toBeLessThanOrEqual(want.length);
});

test("labels that would overlap move apart and stay in order", () => {
  const placed = spread([10, 12, 11, 100], 16);
  expect(placed[3]).toBe(100);
  const sorted = [placed[0], placed[2], placed[1]];
  expect(sorted[1] - sorted[0]).toBeGreaterThanOrEqual(15.9);
  expect(sorted[2] - sorted[1]).toBeGreaterThanOrEqual(15.9);
});

test("numbers have the digits that their size needs", () => {
  expect([1234.5, 123.4, 12.34, 1.234, 0.01234, 0].map(number)).toEqual([
    "1,235",
    "123",
    "12.3",
    "1.23",
    "0.012",
    "0.00",
  ]);
  expect(interval({ value: 1, low: 0.9, high: 1.1, blocks: [] })).toBe("1.00 [0.90, 1.10]");
});
