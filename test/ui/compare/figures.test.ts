import { describe, expect, test } from "vitest";
import type { Drawing, TrackPoint } from "#state/compare/comparison.ts";
import { distanceAlong, meanCurve, partingTime, TIMES } from "#ui/compare/Curves/along.ts";
import { paretoFront } from "#ui/compare/Curves/pareto.ts";
import { costOf, pictureMs } from "#ui/compare/Curves/speed.ts";
import { cosineAt, pixelsAt, pixelsNow } from "#ui/compare/face.ts";
import { differenceOf } from "#ui/compare/Grid/difference.ts";
import { attributeChanges, isColour } from "#ui/compare/Inspector/attributes.ts";
import { figureText, METRICS, metricsAt, metricText, shareOf } from "#ui/compare/metrics.ts";
import { meanOf, summariesOf } from "#ui/compare/Numbers/summaries.ts";
import { lightSpanOf, switchTimes } from "#ui/compare/Scrubber/switches.ts";
import { cividis } from "#ui/compare/scale.ts";
import { gridOfSettings, lineOf, numbersWith } from "./support.ts";

describe("figures", () => {
  test("have as many digits as their column, a true minus, and ∞ for equal pictures", () => {
    expect(metricText(METRICS.psnr, 23.4567)).toBe("23.5 dB");
    expect(figureText(-0.25, 3)).toBe("−0.250");
    expect(figureText(-0.0001, 3)).toBe("0.000");
    expect(figureText(Number.POSITIVE_INFINITY, 1)).toBe("∞");
  });

  test("fill their bar between the ends of their scale", () => {
    expect(shareOf(METRICS.psnr, 22.5)).toBeCloseTo(0.5);
    expect(shareOf(METRICS.psnr, Number.POSITIVE_INFINITY)).toBe(1);
    expect(shareOf(METRICS.ssim, -0.2)).toBe(0);
  });

  test("that no cell has are not offered", () => {
    expect(metricsAt([null, numbersWith(0.8)])).toEqual(["ssim", "psnr", "latent", "attributes"]);
    expect(metricsAt([null]).length).toBe(5);
  });

  test("the scale of colours rises in lightness from dark blue to yellow", () => {
    const lightness = [0, 0.25, 0.5, 0.75, 1].map((share) => {
      const [r = 0, g = 0, b = 0] = (cividis(share).match(/\d+/g) ?? []).map(Number);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    expect(lightness).toEqual([...lightness].sort((a, b) => a - b));
    expect(cividis(2)).toBe(cividis(1));
  });
});

describe("summaries", () => {
  const { grid, settings, partners, lines } = gridOfSettings({ rows: "tau:0,0.5", columns: "seed:1-3" });
  const numbers = grid.cells.map((_, cell) => numbersWith(cell / 10));

  test("one a setting, named by it, the mean over its seeds", () => {
    const [first, second] = summariesOf(grid, settings, partners, numbers, lines, lines.map(lineOf));
    expect(first).toMatchObject({ name: "τ 0", isReference: true, means: { ssim: null } });
    expect(second).toMatchObject({ name: "τ 0.5", isReference: false, means: { embedding: null } });
    expect(second?.means.ssim).toBeCloseTo(0.4);
    expect(second?.line?.sNorm).toBe(0.8);
  });

  test("one a row where seeds are no axis", () => {
    const other = gridOfSettings({ rows: "tau:0,0.5,1", columns: "steps:10,20" });
    const rows = summariesOf(other.grid, other.settings, other.partners, [], other.lines, []);
    expect(rows.map(({ name }) => name)).toEqual(["τ 0", "τ 0.5", "τ 1"]);
  });

  test("an infinite PSNR does not swallow the mean of the others", () => {
    expect(meanOf([20, 30, Number.POSITIVE_INFINITY])).toBe(25);
    expect(meanOf([Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
    expect(meanOf([])).toBeNull();
  });
});

const point = (step: number, of: number): TrackPoint => ({
  step,
  t: step / of,
  tNext: (step + 1) / of,
  served: "light",
  state: new Float32Array(1),
  x1Hat: new Float32Array(1),
  preview: { width: 1, height: 1, rgba: new Uint8ClampedArray([step, 0, 0, 255]) },
});
const track = { points: [0, 1, 2, 3].map((step) => point(step, 4)) };
const running: Drawing = { status: "running", track, step: 4, of: 4, t: 0.75, served: "light" };

describe("what a cell shows", () => {
  test("on its way the latest x̂1; waiting, nothing", () => {
    expect(pixelsNow(running)?.rgba[0]).toBe(3);
    expect(pixelsNow({ status: "waiting", track: { points: [] } })).toBeNull();
    expect(pixelsNow(undefined)).toBeNull();
  });

  test("at a time the last x̂1 that was seen until then, or its full decode", () => {
    expect(pixelsAt(running, 0.6, undefined)?.rgba[0]).toBe(2);
    expect(pixelsAt(running, 0, undefined)?.rgba[0]).toBe(0);
    const decoded = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    expect(pixelsAt(running, 0.6, decoded)).toBe(decoded);
  });

  test("differences need two pictures of one size", () => {
    const grey = (level: number, side: number) => ({
      width: side,
      height: side,
      rgba: new Uint8ClampedArray(4 * side * side).fill(level),
    });
    expect(differenceOf(grey(10, 2), grey(10, 4))).toBeNull();
    expect(differenceOf(grey(10, 2), null)).toBeNull();
    expect(differenceOf(grey(10, 2), grey(10, 2))?.rgba.slice(0, 4)).toEqual(
      new Uint8ClampedArray([0, 0, 4, 255]),
    );
  });
});

describe("along t", () => {
  const along = { t: [0.5, 1], cosine: [0.98, 0.9] };

  test("trajectories begin in one place and part along straight lines between recorded times", () => {
    const curve = distanceAlong(along);
    expect(curve[0]).toBe(0);
    expect(curve[25]).toBeCloseTo(0.01);
    expect(curve[75]).toBeCloseTo(0.06);
    expect(curve[100]).toBeCloseTo(0.1);
  });

  test("beyond the last recorded time there is no distance", () => {
    const curve = distanceAlong({ t: [0.5], cosine: [0.98] });
    expect(curve[50]).toBeCloseTo(0.02);
    expect(curve[51]).toBeNull();
  });

  test("the parting time is where the distance stays above one in a hundred", () => {
    expect(partingTime(distanceAlong({ t: [0.5, 1], cosine: [0.979, 0.9] }))).toBeCloseTo(0.24);
    expect(partingTime(distanceAlong({ t: [1], cosine: [1] }))).toBeNull();
  });

  test("a mean is over the curves that reach a time", () => {
    const mean = meanCurve([distanceAlong(along), distanceAlong({ t: [0.5], cosine: [0.96] })]);
    expect(mean.length).toBe(TIMES.length);
    expect(mean[50]).toBeCloseTo(0.03);
    expect(mean[100]).toBeCloseTo(0.1);
  });

  test("the scrubber reads the last recorded cosine", () => {
    expect(cosineAt(along, 0.3)).toBe(1);
    expect(cosineAt(along, 0.6)).toBe(0.98);
    expect(cosineAt(null, 0.6)).toBeNull();
  });
});

describe("speed against similarity", () => {
  test("the front keeps what no other setting beats", () => {
    const points = [
      { name: "a", cost: 1, gain: 0.6 },
      { name: "b", cost: 2, gain: 0.5 },
      { name: "c", cost: 3, gain: 0.9 },
      { name: "d", cost: 3, gain: 0.8 },
      { name: "e", cost: 4, gain: 0.9 },
    ];
    expect(paretoFront(points).map(({ name }) => name)).toEqual(["a", "c"]);
  });

  const { grid } = gridOfSettings({ rows: "tau:0.5", columns: "seed:1-2", steps: "11", guidance: "2" });
  const [cell] = grid.cells;
  const route = cell && grid.routes.get(cell.key);
  const once = (ms: number) => ({ count: 1, ms });
  const pace = {
    passes: { light: once(2), heavy: once(10) },
    decode: once(30),
    describe: { count: 0, ms: 0 },
  };

  test("a picture takes the passes of its models and its decode", () => {
    // Ten Euler steps, five each, guided: two passes an evaluation.
    expect(route && pictureMs(route, pace)).toBe(2 * 5 * 2 + 2 * 5 * 10 + 30);
  });

  test("a model that was never timed leaves the count of evaluations", () => {
    const untimed = { ...pace, passes: { light: once(2) } };
    expect(costOf([0, 1], grid, untimed, "ms")).toBeNull();
    expect(costOf([0, 1], grid, untimed, "nfe")).toBe(10);
  });
});

test("the scrubber marks every switch once, and none where one model draws alone", () => {
  const { grid } = gridOfSettings({ rows: "tau:0,0.3,0.7,1", columns: "seed:1-3" });
  expect(switchTimes(grid.cells)).toEqual([0.3, 0.7]);
  const alone = gridOfSettings({ rows: "model:light,heavy", columns: "seed:1-2" });
  expect(switchTimes(alone.grid.cells)).toEqual([]);
  expect(alone.grid.cells.map(lightSpanOf)).toEqual([
    [0, 1],
    [0, 1],
    [1, 1],
    [1, 1],
  ]);
  const turned = gridOfSettings({ rows: "tau:0,0.3", columns: "model:c2f,c2f:heavy:light" });
  expect(switchTimes(turned.grid.cells)).toEqual([0.3]);
  expect(turned.grid.cells.map(lightSpanOf)).toEqual([
    [0, 0],
    [0, 1],
    [0, 0.3],
    [0.3, 1],
  ]);
});

test("attributes that are read differently are told by their plain names, from the reference's value to the picture's", () => {
  const heads = [{ name: "micah.hairColor" }, { name: "background" }, { name: "dylan.facialHair" }];
  expect(attributeChanges(["#000000", "#ffd5dc", null], ["#77311d", "#ffd5dc", "none"], heads)).toEqual([
    { name: "hair color", from: "#77311d", to: "#000000" },
    { name: "facial hair", from: "none", to: null },
  ]);
  expect([isColour("#77311d"), isColour("#wide"), isColour("bangs")]).toEqual([true, false, false]);
});
