import { expect, test } from "vitest";
import { axisOf } from "#compare/values.ts";
import { type Comparison, INITIAL_COMPARISON } from "#state/compare/comparison.ts";
import { comparisonReducer } from "#state/compare/reducer.ts";
import { nextMove } from "#state/compare/schedule.ts";
import type { EngineEvent, EngineRequest } from "#workers/protocol.ts";
import { comparisonOf, FAMILY } from "../../compare/support.ts";
import { engineWith } from "../support.ts";

const around = {
  engine: engineWith("decoder", "light", "heavy"),
  asks: () => false,
  sight: null,
  isShown: true,
};
const latent = () => new Float32Array(16 * 16 * 4).fill(0.5).buffer;

/** What an engine answers to a unit, without computing anything: the reducer's and the schedule's own time is measured. */
function answersTo(request: EngineRequest): readonly EngineEvent[] {
  if (request.type !== "integrate") throw new Error(`a unit was expected, not ${request.type}`);
  const { id, job } = request;
  const starts = job.starts.map(latent);
  const steps = Array.from({ length: job.to - job.from }, (_, i) => job.from + i);
  return [
    ...steps.flatMap((step): readonly EngineEvent[] => {
      const [t, tNext, served] = [step / 59, (step + 1) / 59, "light" as const];
      return [
        { type: "recorded", id, step, t, tNext, served, states: starts, x1Hats: starts, previews: null },
        {
          type: "step",
          id,
          first: 0,
          count: starts.length,
          step: step + 1,
          of: 59,
          t: tNext,
          served,
          stepMs: 1,
        },
      ];
    }),
    {
      type: "integrated",
      id,
      states: starts,
      nfe: { light: steps.length, heavy: 0 },
      passes: 2,
      ms: 1,
      tensors: 0,
    },
  ];
}

test("a grid of 256 cells costs the page less than a frame for each thing that happens", () => {
  const settings = { ...comparisonOf({ tau: "0-1 [16]", seed: "1-16" }), panels: axisOf("steps", "60") };
  let comparison: Comparison = comparisonReducer(INITIAL_COMPARISON, {
    type: "comparison-changed",
    settings,
    family: FAMILY,
  });
  comparison = comparisonReducer(comparison, { type: "run-changed", run: { status: "running" } });
  const events: number[] = [];
  const moves: number[] = [];
  for (let id = 1; id <= 40; id++) {
    const started = performance.now();
    const move = nextMove(comparison, around);
    moves.push(performance.now() - started);
    if (move.do !== "send") throw new Error(`there is always something to send, not to ${move.do}`);
    const request = move.request(id);
    if (request.type === "decode") break;
    comparison = comparisonReducer(comparison, { type: "work-sent", work: move.work(id) });
    for (const event of answersTo(request)) {
      const before = performance.now();
      comparison = comparisonReducer(comparison, event);
      events.push(performance.now() - before);
    }
    // Decoding is left out: what is drawn counts as waiting, so that units follow each other.
    const drawings = Object.fromEntries(
      Object.entries(comparison.drawings).map(([key, drawing]) => [
        key,
        drawing.status === "drawn" ? { ...drawing, status: "waiting" as const } : drawing,
      ]),
    );
    comparison = { ...comparison, drawings };
  }
  const at = (times: readonly number[], share: number) =>
    times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;
  expect(events.length).toBeGreaterThan(1000);
  // Medians are 0.04 ms an event and 1.7 ms a move; the slowest are left to other processes of the machine.
  expect(at(events, 0.98)).toBeLessThan(8);
  expect(at(moves, 0.5)).toBeLessThan(16);
});
