import { expect, test } from "vitest";
import { planOf } from "#compare/plan.ts";
import { pointsFor, RECORDED_POINTS, recordedSteps, recordOf } from "#compare/record.ts";
import { gridWith } from "./support.ts";

test("a trajectory of 59 steps is recorded whole; one of 999 in sixty points from the first step to the last", () => {
  expect([...recordedSteps(59, RECORDED_POINTS)]).toEqual(Array.from({ length: 59 }, (_, i) => i));
  const steps = [...recordedSteps(999, RECORDED_POINTS)];
  expect(steps.length).toBe(60);
  expect([steps[0], steps.at(-1)]).toEqual([0, 998]);
  const gaps = steps.slice(1).map((step, i) => step - (steps[i] ?? 0));
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
});

test("larger grids record fewer points of each trajectory, so that all of them take no more memory", () => {
  expect([1, 256, 512, 1024].map(pointsFor)).toEqual([60, 60, 30, 15]);
});

test("states at which branches start are sent beside the recorded ones, each once and in order", () => {
  const plan = planOf(gridWith({ tau: "0.3, 0.7001", seed: "1" }, { steps: 1000 }));
  const trunk = [...plan.stretches.values()].find(({ after }) => after === null);
  if (!trunk) throw new Error("the plan has no trunk");
  const record = recordOf({ stretches: [trunk], from: 0, to: trunk.of.to }, plan, RECORDED_POINTS);
  const recorded = recordedSteps(999, RECORDED_POINTS);
  for (const cut of plan.cuts.get(trunk.key) ?? []) expect(record).toContain(cut - 1);
  expect(record.filter((step) => !recorded.has(step)).length).toBeLessThanOrEqual(2);
  expect(record).toEqual([...new Set(record)].sort((a, b) => a - b));
  expect(Math.max(...record)).toBe(trunk.of.to - 1);
});
