import { expect, test } from "vitest";
import type { CurvePoint, LookPoint } from "#runs/run.ts";
import { freshState, type RunState } from "#training/runState.ts";
import { DEFAULT_TRAIN_OPTIONS } from "#training/trainOptions.ts";
import { keepNewest, readBack } from "#workers/trainer/readBack.ts";

const stateAt = (step: number): RunState => ({
  ...freshState(new Float32Array(2), DEFAULT_TRAIN_OPTIONS),
  step,
});

/** A run whose steps take `stepMs` and whose copies take `copyMs` by a clock of its own. */
function clocked(optimizer: "host" | "device", stepMs: number, copyMs: number) {
  let [time, step, copies] = [0, 0, 0];
  const sitting: { state: RunState | null } = { state: null };
  const run = {
    optimizer,
    async state() {
      time += copyMs;
      copies++;
      return stateAt(step);
    },
  };
  const back = readBack(run, sitting, () => time);
  const make = async (steps: number) => {
    for (let i = 0; i < steps; i++) {
      time += stepMs;
      step++;
      await back.afterStep();
    }
  };
  return { make, sitting, copies: () => copies, time: () => time, copyMs };
}

test.each([
  [1000, 5],
  [20, 10],
  [100, 500],
])(
  "of steps of %i ms and copies of %i ms, copies take a fiftieth of the time and come as often as that lets them",
  async (stepMs, copyMs) => {
    const clock = clocked("device", stepMs, copyMs);
    await clock.make(2000);
    const share = (clock.copies() * copyMs) / clock.time();
    expect(share).toBeLessThan(0.021);
    const lost = 2000 - (clock.sitting.state?.step ?? 0);
    expect(lost * stepMs).toBeLessThanOrEqual(Math.max(0, 50 * copyMs));
  },
);

test("the first step is copied, and every step that takes fifty times as long as a copy", async () => {
  const clock = clocked("device", 500, 10);
  for (let step = 1; step <= 5; step++) {
    await clock.make(1);
    expect(clock.sitting.state?.step).toBe(step);
  }
});

test("a run on the host is not copied: it is there when the device is not", async () => {
  const clock = clocked("host", 500, 10);
  await clock.make(5);
  expect(clock.copies()).toBe(0);
  expect(clock.sitting.state).toBeNull();
});

const point = (step: number): CurvePoint => ({ step, loss: 1, parts: {}, gradientNorm: 1, rate: 1, ms: 1 });
const look = (step: number): LookPoint => ({ step, heldOutLoss: null, similarity: null });
const sittingAt = (state: RunState | null) => ({
  state,
  curve: [1, 2, 3, 4].map(point),
  looks: [0, 2, 4].map(look),
});

test("a run whose state went with its device goes on at the newest copy, and forgets what came after it", async () => {
  const sitting = sittingAt(stateAt(2));
  const gone = async () => {
    throw new Error("the device is lost");
  };
  await keepNewest({ state: gone }, sitting);
  expect(sitting.state?.step).toBe(2);
  expect(sitting.curve.map(({ step }) => step)).toEqual([1, 2]);
  expect(sitting.looks.map(({ step }) => step)).toEqual([0, 2]);
  const uncopied = sittingAt(null);
  await keepNewest({ state: gone }, uncopied);
  expect(uncopied).toEqual({ state: null, curve: [], looks: [look(0)] });
});

test("a run whose state is still there loses nothing", async () => {
  const sitting = sittingAt(stateAt(2));
  await keepNewest({ state: async () => stateAt(4) }, sitting);
  expect([sitting.state?.step, sitting.curve.length, sitting.looks.length]).toEqual([4, 4, 3]);
});
