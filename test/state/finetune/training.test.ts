import { expect, test } from "vitest";
import { type LiveRun, newLiveRun, trainingLeftMs, trainingReducer } from "#state/finetune/training.ts";
import type { TrainerProgress } from "#workers/trainerClient.ts";
import { tinyPlan } from "../../workers/trainer/support.ts";

const told = (run: LiveRun, ...events: readonly TrainerProgress[]): LiveRun =>
  events.reduce<LiveRun>(
    (now, event) => trainingReducer(now, { type: "run-progress", event, at: 0 }) ?? now,
    run,
  );
const step = (number: number, ms = 10) =>
  ({
    type: "step",
    id: 1,
    step: number,
    of: 6,
    loss: 1 / number,
    parts: {},
    gradientNorm: 1,
    rate: 1,
    ms,
  }) as const;
const began = (at: number) =>
  ({ type: "began", id: 1, run: "r", step: at, of: 6, optimizer: "host", classes: [] }) as const;
const RUN = newLiveRun("r", tinyPlan("set"), 0);

test("what was made after the checkpoint that a run goes on from is made again, not shown twice", () => {
  const first = told(RUN, began(0), step(1), step(2), step(3), step(4));
  const again = told(first, began(2), step(3), step(4), step(5));
  expect(again.curve.map((point) => point.step)).toEqual([1, 2, 3, 4, 5]);
  expect(again.step).toBe(5);
});

test("a look without pictures, of a base that was drawn already, leaves no empty row", () => {
  const run = told(RUN, { type: "pictures", id: 1, step: 0, base: false, pictures: [] });
  expect(run.pictures).toEqual([]);
});

test("that a run cannot be kept is said until a checkpoint is written", () => {
  const failed = told(RUN, { type: "not-kept", id: 1, what: "run", error: { kind: "Full", detail: "" } });
  expect(failed.notKept?.kind).toBe("Full");
  expect(told(failed, { type: "checkpointed", id: 1, step: 4, bytes: 1, ms: 1 })).toMatchObject({
    notKept: null,
    keptStep: 4,
  });
});

test("time left is told from three steps on, by the median, so that one slow step does not change it", () => {
  const few = told(RUN, began(0), step(1), step(2));
  expect(trainingLeftMs(few)).toBe(null);
  expect(trainingLeftMs(told(few, step(3), step(4, 5000)))).toBe(20);
});
