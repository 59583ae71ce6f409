import { expect, test } from "vitest";
import { distanceOf } from "#state/finetune/distance.ts";
import { newLiveRun } from "#state/finetune/training.ts";
import { reportRows } from "#ui/finetune/Result/reportRows.ts";
import { tinyPlan } from "../../workers/trainer/support.ts";

/** `count` pictures with three features each. */
const features = (count: number, shift: number) =>
  Array.from({ length: count }, (_, i) => Float32Array.of(i % 5, (i * i) % 7, shift + (i % 3)));

const runs = ["r1", "r2"].map((id) => newLiveRun(id, tinyPlan("set"), 0));
const fd = (known: ReadonlyMap<string, ReturnType<typeof distanceOf>>) =>
  reportRows(runs, known).find(({ title }) => title.startsWith("FD"))?.values;

test("a Fréchet distance says of how many pictures it is; of too few it says how many are needed; unmeasured is a dash", () => {
  expect(fd(new Map())).toBe(undefined);
  const few = distanceOf(features(3, 0), features(9, 1));
  expect(fd(new Map([["r1", few]]))).toEqual(["too few pictures: 3, more than 3 are needed", "–"]);
  const enough = distanceOf(features(20, 0), features(30, 1));
  expect(fd(new Map([["r2", enough]]))).toEqual([
    "–",
    expect.stringMatching(/^\d+\.\d{3} \(30 drawn, 20 held out\)$/),
  ]);
});
