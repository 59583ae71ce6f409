import { describe, expect, test } from "vitest";
import { clusterSummaries } from "#ui/finetune/Choice/clusterSummaries.ts";
import { histogram } from "#ui/finetune/Choice/histogram.ts";
import { markOf, nearest, placed } from "#ui/finetune/Choice/mapLayout.ts";
import { picturesShown, rankOf } from "#ui/finetune/Choice/order.ts";
import { layoutOf, placeAfter, rowsInSight, scrollTo } from "#ui/finetune/Gallery/layout.ts";
import { INITIAL_LOOK } from "#ui/finetune/look.ts";
import { lossData, similarityData } from "#ui/finetune/Training/curves.ts";

describe("the grid of pictures", () => {
  const layout = layoutOf(100, 600, 72, 18);

  test("cells fill the width, and only rows in sight are there", () => {
    expect(layout.columns).toBe(7);
    expect(7 * layout.cell + 6 * 6).toBeLessThanOrEqual(600);
    const { from, to } = rowsInSight(layout, 5 * layout.rowHeight, 300);
    expect(from).toBe(3);
    expect(to - from).toBeLessThan(9);
  });

  test("arrows stay within the pictures; Home and End know row and set", () => {
    const led = (key: string, at: number, control = false) => placeAfter(key, control, at, 100, layout, 3);
    expect(led("ArrowLeft", 0)).toBe(0);
    expect(led("ArrowDown", 95)).toBe(95);
    expect(led("ArrowDown", 90)).toBe(97);
    expect(led("End", 8)).toBe(13);
    expect(led("End", 8, true)).toBe(99);
    expect(led("PageDown", 90)).toBe(99);
    expect(led("x", 8)).toBe(null);
  });

  test("a row out of sight is scrolled to by no more than needed", () => {
    expect(scrollTo(2, layout, 0, 10 * layout.rowHeight)).toBe(0);
    expect(scrollTo(12, layout, 0, 10 * layout.rowHeight)).toBe(
      13 * layout.rowHeight - 6 - 10 * layout.rowHeight,
    );
    expect(scrollTo(1, layout, 500, 300)).toBe(layout.rowHeight);
  });
});

describe("the map", () => {
  test("points keep their proportions and lie within the box", () => {
    const points = placed(Float32Array.of(0, 0, 2, 0, 0, 1, 2, 1), 400, 400);
    const [a, b, c] = points;
    expect(b.x - a.x).toBeCloseTo(2 * (a.y - c.y));
    for (const { x, y } of points) expect(Math.min(x, y, 400 - x, 400 - y)).toBeGreaterThanOrEqual(21.9);
  });

  test("one point alone stands in the middle", () => {
    expect(placed(Float32Array.of(3, 3), 100, 60)).toEqual([{ x: 50, y: 30 }]);
  });

  test("the pointer takes hold of the nearest point within reach that counts", () => {
    const points = [
      { x: 10, y: 10 },
      { x: 14, y: 10 },
    ];
    expect(nearest(points, 13, 10, 16, () => true)).toBe(1);
    expect(nearest(points, 13, 10, 16, (index) => index === 0)).toBe(0);
    expect(nearest(points, 60, 10, 16, () => true)).toBe(null);
  });

  test("24 clusters, the most there are, all look different", () => {
    const looks = Array.from({ length: 24 }, (_, cluster) => JSON.stringify(markOf(cluster)));
    expect(new Set(looks).size).toBe(24);
  });

  test("a cluster shows what is nearest to its centroid, and how many of it are kept", () => {
    const clusters = {
      count: 3,
      labels: Uint32Array.of(0, 1, 0, 0, 0),
      distances: Float64Array.of(0.4, 0, 0.1, 0.3, 0.2),
      map: new Float32Array(10),
    };
    expect(clusterSummaries(clusters, Uint8Array.of(1, 0, 1, 0, 0))).toEqual([
      { cluster: 0, size: 4, kept: 2, typical: [2, 4, 3] },
      { cluster: 1, size: 1, kept: 0, typical: [1] },
    ]);
  });
});

test("pictures are filtered and sorted by what is looked at; ties keep their order", () => {
  const scores = {
    evidence: "",
    samples: 5,
    loss: Float64Array.of(2, 1, 3, 1, 5),
    gradient: null,
    dominance: null,
    clusters: null,
  };
  const shown = (look: Partial<typeof INITIAL_LOOK>) =>
    picturesShown(5, Uint16Array.of(0, 0, 0, 0, 1), scores, Uint8Array.of(1, 1, 0, 1, 1), {
      ...INITIAL_LOOK,
      ...look,
    });
  expect(shown({ sort: "loss" })).toEqual([4, 2, 0, 1, 3]);
  expect(shown({ sort: "loss", falling: false, label: 0 })).toEqual([1, 3, 0, 2]);
  expect(shown({ shown: "dropped" })).toEqual([2]);
  expect(rankOf(scores.loss, 1)).toBe(4);
});

test("every value is in one bin, kept or dropped, also those beyond the axis", () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => (i === 0 ? 1e6 : i / 1000));
  const { bins, high } = histogram(
    values,
    Uint8Array.from(values, (_, i) => i % 2),
  );
  const sum = (of: "kept" | "dropped") => bins.reduce((all, bin) => all + bin[of], 0);
  expect([sum("kept"), sum("dropped")]).toEqual([500, 500]);
  expect(high).toBeLessThan(1.1);
});

test("values over many powers of ten spread over bins of equal ratio; zeros among them keep equal widths", () => {
  const values = Float64Array.from({ length: 401 }, (_, i) => 10 ** (i / 40 - 10));
  const { bins, isLog, low } = histogram(values, null);
  expect(isLog).toBe(true);
  expect(bins[1].from / bins[0].from).toBeCloseTo(bins[39].from / bins[38].from, 9);
  for (const { kept } of bins) expect(kept).toBeGreaterThan(7); // each bin has its share
  expect(bins[0].from).toBeCloseTo(low, 20);
  expect(histogram(Float64Array.of(0, 1e-9, 1), null).isLog).toBe(false);
});

test("values that are all the same make no axis of width 0", () => {
  const { bins } = histogram(new Float64Array(7).fill(3), null);
  expect(bins.reduce((all, { kept }) => all + kept, 0)).toBe(7);
});

describe("curves", () => {
  const point = (step: number, loss: number) => ({ step, loss, parts: {}, gradientNorm: 1, rate: 1, ms: 1 });

  test("the smoothed loss is the mean of the last twenty steps; held-out losses stand at their steps", () => {
    const curve = Array.from({ length: 40 }, (_, i) => point(i + 1, i + 1));
    const [steps, loss, mean, held] = lossData(curve, [
      { step: 0, heldOutLoss: 9, similarity: null },
      { step: 20, heldOutLoss: 7, similarity: null },
    ]);
    expect(steps.slice(0, 2)).toEqual([0, 1]);
    expect(loss[0]).toBe(null);
    expect(mean[40]).toBe(30.5); // of 21 … 40
    expect([held[0], held[20], held[21]]).toEqual([9, 7, null]);
  });

  test("a long run is drawn with as many points as can be seen, its last step and its looks among them", () => {
    const curve = Array.from({ length: 20_000 }, (_, i) => point(i + 1, 1));
    const [steps, , , held] = lossData(curve, [{ step: 777, heldOutLoss: 1, similarity: null }]);
    expect(steps.length).toBeLessThan(1510);
    expect(steps[steps.length - 1]).toBe(20_000);
    expect(held[steps.indexOf(777)]).toBe(1);
  });

  test("a run begins as its base: s_norm 1 at step 0, though nobody draws the same pictures twice", () => {
    const estimate = { value: 0.8, low: 0.7, high: 0.9, blocks: [0.8] };
    const looks = [
      { step: 0, heldOutLoss: 1, similarity: null },
      {
        step: 50,
        heldOutLoss: 1,
        similarity: { of: "latent", s: estimate, sUnrelated: estimate, sNormalised: estimate } as const,
      },
    ];
    expect(similarityData(looks)).toEqual([
      [0, 50],
      [1, 0.8],
      [1, 0.9],
      [1, 0.7],
    ]);
    expect(similarityData(looks.slice(0, 1))[0]).toEqual([]);
  });
});
