import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { disposeTensors } from "#models/tensors.ts";
import { scoreSamples } from "#scoring/scoreSamples.ts";
import { emptyTables, normalisedScore, type ScoreTables, scoringTimes } from "#scoring/scoreTables.ts";
import { ScoringError } from "#scoring/scoringError.ts";
import { scoringNoises } from "#scoring/scoringNoises.ts";
import { useBackend } from "../models/support/backends.ts";
import { tinyLatents, tinyProxy } from "./support/tinyProxy.ts";

const data = tinyLatents(7);
const noises = scoringNoises(3, data.shape);
const times = scoringTimes(2);

describe("scoring a set", () => {
  beforeAll(() => useBackend("wasm"));

  /** Runs a scoring until it is done, or has yielded `yields` times. */
  async function score(
    tables: ScoreTables,
    { gradients = true, batch = 4, yields = Number.POSITIVE_INFINITY } = {},
  ): Promise<number[]> {
    const proxy = tinyProxy(4);
    const done: number[] = [];
    for await (const progress of scoreSamples(proxy, data, tables, { noises, gradients, batch })) {
      done.push(progress.done);
      if (done.length >= yields) break;
    }
    disposeTensors(proxy.tensors);
    return done;
  }

  test("left in the middle and taken up again gives the tables of a scoring at one go, and leaves no tensor", async () => {
    const before = memory().numTensors;
    const [whole, parted] = [emptyTables(7, times), emptyTables(7, times)];
    expect(await score(whole)).toEqual([2, 4, 6, 7]);
    expect(await score(parted, { yields: 2 })).toEqual([2, 4]);
    expect(parted.gradient.slice(8).every(Number.isNaN)).toBe(true);
    expect(await score(parted)).toEqual([6, 7]);
    expect(parted).toEqual(whole);
    expect(whole.gradient.every((value) => value > 0)).toBe(true);
    expect(memory().numTensors).toBe(before);
  });

  test("does not depend on how many samples go side by side", async () => {
    const [small, large] = [emptyTables(7, times), emptyTables(7, times)];
    await score(small, { batch: 1 }); // still both noises of one sample
    await score(large, { batch: 64 });
    expect(small).toEqual(large);
  });

  test("of losses alone gives the same losses, no gradients, and can be completed later", async () => {
    const [losses, both] = [emptyTables(7, times), emptyTables(7, times)];
    await score(losses, { gradients: false });
    await score(both);
    expect(losses.loss).toEqual(both.loss);
    expect(losses.gradient.every(Number.isNaN)).toBe(true);
    await score(losses);
    expect(losses).toEqual(both);
  });
});

describe("scores from tables", () => {
  test("are means over times of values relative to their column", () => {
    const tables = { samples: 2, times: [0.3, 0.6] };
    expect([...normalisedScore(tables, Float64Array.of(1, 30, 3, 10))]).toEqual([1, 1]);
    expect([...normalisedScore(tables, Float64Array.of(1, 10, 3, 30))]).toEqual([0.5, 1.5]);
  });

  test("need a positive mean at every time", () => {
    const tables = { samples: 1, times: [0.3, 0.6] };
    for (const second of [0, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => normalisedScore(tables, Float64Array.of(1, second))).toThrow(ScoringError);
  });

  test("are taken at the interior points of linspace", () => {
    expect(scoringTimes()).toHaveLength(8);
    expect(scoringTimes(1)).toEqual([0.5]);
    expect(scoringTimes(3)).toEqual([0.25, 0.5, 0.75]);
  });
});
