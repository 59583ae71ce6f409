import { expect, test } from "vitest";
import { pairsAlong } from "#state/compare/alongTime.ts";
import type { TrackPoint } from "#state/compare/comparison.ts";

/** A track whose state at time t is `at(t)`, recorded at the ends of so many equal steps. */
const track = (steps: number, at: (t: number) => readonly number[]): readonly TrackPoint[] =>
  Array.from({ length: steps }, (_, step) => {
    const tNext = (step + 1) / steps;
    const state = Float32Array.from(at(tNext));
    return { step, t: step / steps, tNext, served: "light", state, x1Hat: state, preview: null };
  });

test("tracks of one grid are paired state by state, without arithmetic", () => {
  const [a, b] = [track(5, (t) => [t, 1]), track(5, (t) => [1, t])];
  const pairs = pairsAlong(a, b);
  expect(pairs.t).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  pairs.against.forEach((state, i) => {
    expect(state).toBe(b[i]?.state);
  });
});

test("a reference on another grid is taken on the straight line between its states", () => {
  const straight = (t: number) => [2 * t, 1 - t];
  const pairs = pairsAlong(track(10, straight), track(4, straight));
  // Before the reference's first state, at 0.25, nothing is known of it.
  expect(pairs.t).toEqual([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  pairs.against.forEach((state, i) => {
    const [x = 0, y = 0] = straight(pairs.t[i] ?? 0);
    expect(state[0]).toBeCloseTo(x, 6);
    expect(state[1]).toBeCloseTo(y, 6);
  });
});

test("a track without points has no pairs", () => {
  expect(
    pairsAlong(
      [],
      track(3, () => [1]),
    ).t,
  ).toEqual([]);
  expect(
    pairsAlong(
      track(3, () => [1]),
      [],
    ).t,
  ).toEqual([]);
});
