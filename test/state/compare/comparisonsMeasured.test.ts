import { describe, expect, test } from "vitest";
import { LINK, openComparisons } from "./openComparisons.ts";

describe("measuring", () => {
  test("compares every cell with the same seed under the reference's settings", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const { numbers, grid, partners } = t.now();
    expect(partners).toEqual([0, 1, 0, 1, 0, 1]);
    numbers.forEach((one, i) => {
      expect(one?.against).toBe(grid?.cells[partners[i] ?? -1]?.key);
    });
    expect(numbers[0]).toMatchObject({
      latentCosine: 1,
      image: { mse: 0, psnr: null, ssim: 1 },
      embeddingCosine: 1,
    });
    expect(numbers[2]?.image?.psnr).toBeGreaterThan(0);
    expect(numbers[2]?.along?.t.length).toBe(8);
    expect(numbers[2]?.attributes?.of).toBeGreaterThan(0);
  });

  test("is done again when the reference is another, and nothing is drawn for it", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const sent = t.requests.length;
    t.change({ reference: { panel: 0, row: 2, column: 1 } });
    await t.settled();
    expect(t.requests.length).toBe(sent);
    const { numbers, partners } = t.now();
    expect(partners).toEqual([4, 5, 4, 5, 4, 5]);
    expect(numbers[4]?.image?.psnr).toBeNull();
    expect(numbers[0]?.image?.psnr).not.toBeNull();
    expect(t.address()).toContain("reference=3.2.1");
  });

  test("trajectories agree until the switch and part from there", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    t.change({ reference: { panel: 0, row: 2, column: 0 } });
    await t.settled();
    const along = t.now().numbers[2]?.along;
    // τ = 0.5 against τ = 1: light until t = 0.5, so the first four states are one and the same.
    expect(along?.t.slice(0, 4).map((t) => Number(t.toFixed(3)))).toEqual([0.125, 0.25, 0.375, 0.5]);
    expect(along?.cosine.slice(0, 4)).toEqual([1, 1, 1, 1]);
    expect(along?.cosine.at(-1)).toBeLessThan(1);
    expect(along?.cosine.at(-1)).toBeCloseTo(t.now().numbers[2]?.latentCosine ?? 0, 12);
  });

  test("says how alike each setting draws all seeds, with an interval, and the reference itself is 1", async () => {
    const t = await openComparisons({ hash: LINK.replace("seed:1-2", "seed:1-4") });
    await t.settled();
    const { lines } = t.now();
    expect(lines.map(({ cells, seeds }) => [cells, seeds])).toEqual([
      [[0, 1, 2, 3], 4],
      [[4, 5, 6, 7], 4],
      [[8, 9, 10, 11], 4],
    ]);
    expect(lines[0]?.s).toBeCloseTo(1, 12);
    expect(lines[0]?.sNorm).toBeCloseTo(1, 12);
    const [, half] = lines;
    expect(half?.interval?.[0]).toBeLessThanOrEqual(half?.sNorm ?? Number.NaN);
    expect(half?.interval?.[1]).toBeGreaterThanOrEqual(half?.sNorm ?? Number.NaN);
  });

  test("gives no interval of two or three seeds, and the same the other way round", async () => {
    const t = await openComparisons({ hash: LINK.replace("seed:1-2", "seed:1-3") });
    await t.settled();
    const forth = t.now().lines[1];
    expect(forth).toMatchObject({ seeds: 3, sNorm: expect.any(Number), interval: null });
    t.change({ reference: { panel: 0, row: 1, column: 0 } });
    await t.settled();
    const back = t.now().lines[0];
    expect(back?.sUnrel).toBeCloseTo(forth?.sUnrel ?? Number.NaN, 10);
    expect(back?.sNorm).toBeCloseTo(forth?.sNorm ?? Number.NaN, 10);
  });

  test("gives s alone where every seed has a class of its own", async () => {
    const t = await openComparisons({ hash: LINK.replace("class=one", "class=mixed") });
    await t.settled();
    expect(t.now().lines[1]).toMatchObject({ seeds: 2, sUnrel: null, sNorm: null, interval: null });
    expect(t.now().lines[0]?.s).toBeCloseTo(1, 12);
  });
});

describe("the scrubber", () => {
  test("decodes x̂1 of the cells in sight where it rests, and lets go of it when it moves on", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const keys =
      t
        .now()
        .grid?.cells.slice(0, 4)
        .map(({ key }) => key) ?? [];
    t.comparisons.scrub(0.3);
    expect(t.now().scrub).toEqual({ t: 0.3, decoded: {} });
    t.comparisons.rested(keys);
    await t.settled();
    expect(Object.keys(t.now().scrub?.decoded ?? {}).sort()).toEqual([...keys].sort());
    t.comparisons.scrub(0.4);
    expect(t.now().scrub?.decoded).toEqual({});
    t.comparisons.scrub(null);
    expect(t.now().scrub).toBeNull();
  });
});
