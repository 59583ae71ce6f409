import { describe, expect, test } from "vitest";
import { heldOutStart, planImages, planTars } from "../../scripts/dataset/plan.ts";

const seeds = (perClass: number, split: string) =>
  planTars({ size: 128, perClass, heldOutPerClass: 500, perTar: 2000 })
    .filter((tar) => tar.split === split)
    .flatMap((tar) => [...planImages(tar)].map(({ seed }) => seed));

describe.each([1, 2999, 3000, 3001, 5000])("%i images a class", (perClass) => {
  test("held-out images have seeds that no training image has", () => {
    const train = new Set(seeds(perClass, "train"));
    const heldOut = seeds(perClass, "held-out");
    expect(train.size).toBe(8 * perClass);
    expect(new Set(heldOut).size).toBe(4000);
    expect(heldOut.filter((seed) => train.has(seed))).toEqual([]);
  });
});

test("held-out images are the same ones for every training set of up to 3,000 a class", () => {
  expect(seeds(2, "held-out")).toEqual(seeds(3000, "held-out"));
  expect([heldOutStart(3000), heldOutStart(3001)]).toEqual([3000, 3001]);
});

test("the order is index, then label, across tars", () => {
  const tars = planTars({ size: 128, perClass: 3, heldOutPerClass: 1, perTar: 16 });
  expect(tars.map(({ file, first, indices }) => [file, first, indices])).toEqual([
    ["train-00000.tar", 0, 2],
    ["train-00001.tar", 2, 1],
    ["held-out-00000.tar", 3000, 1],
  ]);
  const keys = tars.flatMap((tar) => [...planImages(tar)].map(({ key }) => key));
  expect(keys).toHaveLength(32);
  expect(keys.slice(7, 9)).toEqual(["toonHead/000000", "adventurer/000001"]);
  expect(keys[24]).toBe("adventurer/003000");
});
