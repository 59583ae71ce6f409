import { expect, test } from "vitest";
import { type Batch, batchReducer } from "#state/batch.ts";
import { shareDone, timeLeft } from "#state/timeLeft.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { batchOf, imageEvent, stepEvent } from "./support.ts";

const RATIO = 5;

function after(batch: Batch, ...events: readonly EngineEvent[]): Batch {
  const result = events.reduce<Batch | null>(
    batchReducer,
    batchReducer(batch, { type: "run-sent", run: 0, job: 7 }),
  );
  if (!result) throw new Error("the batch is gone");
  return result;
}

test("no time is named before three steps are through", () => {
  expect(timeLeft(after(batchOf(), stepEvent(7, 1), stepEvent(7, 2)), RATIO)).toBeNull();
});

test("heavy steps that were not timed yet are guessed from the size of the networks, and that is said", () => {
  const batch = after(batchOf(), stepEvent(7, 1), stepEvent(7, 2), stepEvent(7, 3));
  // 39 light steps of 10 ms and 17 heavy ones of 50
  expect(timeLeft(batch, RATIO)).toEqual({ ms: 39 * 10 + 17 * 50, guessed: true });
});

test("once both were timed, the pace of each counts", () => {
  const batch = after(
    batchOf(),
    stepEvent(7, 41),
    stepEvent(7, 42),
    stepEvent(7, 43, { served: "heavy", stepMs: 80 }),
  );
  expect(timeLeft(batch, RATIO)).toEqual({ ms: 16 * 80, guessed: false });
});

test("pictures that wait count by the group that is sampled side by side", () => {
  const steps = [1, 2, 3].map((step) => stepEvent(7, step, { count: 2 }));
  const batch = after(batchOf({ count: 4, model: "light" }), ...steps);
  expect(timeLeft(batch, RATIO)).toEqual({ ms: (56 + 59) * 10, guessed: false });
});

test("the share that is done goes from 0 to 1 and never back", () => {
  const events = [
    ...Array.from({ length: 59 }, (_, i) => stepEvent(7, i + 1, { served: i < 42 ? "light" : "heavy" })),
    imageEvent(7, 0, 1),
  ];
  const shares = events.map((_, i) => shareDone(after(batchOf(), ...events.slice(0, i + 1)), RATIO));
  expect(shares[0]).toBeCloseTo(1 / (42 + 17 * RATIO), 12);
  expect(shares.at(-1)).toBe(1);
  expect(shares.every((share, i) => i === 0 || share >= (shares[i - 1] ?? 0))).toBe(true);
});

test("nothing is left of a batch that has ended", () => {
  expect(
    timeLeft(after(batchOf(), stepEvent(7, 1), { type: "cancelled", id: 7, tensors: 0 }), RATIO),
  ).toBeNull();
});
