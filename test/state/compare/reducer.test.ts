import { describe, expect, test } from "vitest";
import { type Comparison, INITIAL_COMPARISON } from "#state/compare/comparison.ts";
import type { ComparisonEvent } from "#state/compare/events.ts";
import { comparisonReducer } from "#state/compare/reducer.ts";
import { nextMove } from "#state/compare/schedule.ts";
import type { EngineView } from "#state/engine.ts";
import type { EngineError, EngineEvent } from "#workers/protocol.ts";
import { comparisonOf, FAMILY, familyWith } from "../../compare/support.ts";
import { engineWith, SHIPPED } from "../support.ts";

const JOB = 7;
const loaded = engineWith("decoder", "light", "heavy");
/** A fast one: the reference's row, which is heavy here, goes first. */
const ENGINE: EngineView = { ...loaded, backend: loaded.backend && { ...loaded.backend, name: "webgpu" } };

const apply = (comparison: Comparison, ...events: readonly ComparisonEvent[]) =>
  events.reduce(comparisonReducer, comparison);

/** Two seeds and two taus, running, with its first unit sent; so many starts side by side. */
function running(sideBySide = 1): Comparison {
  const settings = comparisonOf({ tau: "0, 0.5", seed: "1-2" }, { steps: 5 });
  const begun = apply(
    INITIAL_COMPARISON,
    { type: "comparison-changed", settings, family: FAMILY },
    { type: "run-changed", run: { status: "running" } },
  );
  return sent({ ...begun, sideBySide });
}

/** The same after the next thing has been sent. */
function sent(comparison: Comparison): Comparison {
  const move = nextMove(comparison, { engine: ENGINE, asks: () => false, sight: null, isShown: true });
  if (move.do !== "send") throw new Error(`something should be sent, not ${move.do}`);
  return apply(comparison, { type: "work-sent", work: move.work(JOB) });
}

const latent = () => new Float32Array(4).fill(1).buffer;
const statuses = ({ grid, drawings }: Comparison) => grid?.cells.map(({ key }) => drawings[key]?.status);
const failed = (error: EngineError, id = JOB): EngineEvent => ({ type: "failed", id, error, tensors: 0 });
const step = (id: number): EngineEvent => ({
  type: "step",
  id,
  first: 0,
  count: 1,
  step: 1,
  of: 4,
  t: 0.25,
  served: "heavy",
  stepMs: 10,
});
const integrated = (starts: number): EngineEvent => ({
  type: "integrated",
  id: JOB,
  states: Array.from({ length: starts }, latent),
  nfe: { light: 0, heavy: 4 },
  passes: 8,
  ms: 40,
  tensors: 0,
});

describe("events of other jobs", () => {
  test("change nothing, not even the object", () => {
    const comparison = running();
    const others: readonly EngineEvent[] = [
      step(JOB + 1),
      failed({ kind: "Internal", detail: "" }, JOB + 1),
      { type: "cancelled", id: JOB + 1, tensors: 0 },
      { type: "done", id: JOB + 1, images: 1, ms: 1, tensors: 0 },
      { type: "state", state: { status: "ready" } },
    ];
    for (const event of others) expect(apply(comparison, event)).toBe(comparison);
  });

  test("of units that no cell shows any more are let go", () => {
    const comparison = running();
    const other = comparisonOf({ tau: "0, 0.5", seed: "8-9" }, { steps: 5 });
    const moved = apply(
      comparison,
      { type: "comparison-changed", settings: other, family: FAMILY },
      integrated(1),
    );
    expect(moved.stretches).toEqual({});
    expect(moved.work).toBeNull();
    expect(moved.cost.spent).toEqual({ light: 0, heavy: 0 });
  });
});

describe("a job that fails", () => {
  test("takes the cells that need it with it, and no others", () => {
    const comparison = apply(running(), failed({ kind: "Internal", detail: "NaN" }));
    expect(statuses(comparison)).toEqual(["failed", "waiting", "waiting", "waiting"]);
    expect(comparison.run.status).toBe("running");
    const next = sent(comparison).work;
    expect(next?.kind === "unit" && next.unit.stretches[0].seed).toBe(2);
  });

  test("is tried again when the reader says so", () => {
    const comparison = apply(running(), failed({ kind: "Internal", detail: "NaN" }));
    const key = comparison.grid?.cells[0].key ?? "";
    const again = apply(comparison, { type: "retried", key });
    expect(statuses(again)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
    const next = sent(again).work;
    expect(next?.kind === "unit" && next.unit.stretches[0].seed).toBe(1);
  });

  test("for want of memory is cut in half, until one is too many", () => {
    const two = running(2);
    expect(two.work?.kind === "unit" && two.work.unit.stretches.length).toBe(2);
    const halved = apply(two, failed({ kind: "OutOfMemory", batch: 2, suggestedBatch: 1 }));
    expect(halved).toMatchObject({ sideBySide: 1, run: { status: "running" }, work: null });
    expect(statuses(halved)).not.toContain("failed");
    const one = apply(sent(halved), failed({ kind: "OutOfMemory", batch: 1, suggestedBatch: null }));
    expect(one.run).toMatchObject({ status: "failed", error: { kind: "OutOfMemory" } });
  });

  test("because the device is gone for good stops the run and loses nothing", () => {
    const comparison = apply(running(), failed({ kind: "DeviceLost", reason: "gone" }));
    expect(comparison.run).toMatchObject({ status: "failed", error: { kind: "DeviceLost" } });
    expect(statuses(comparison)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
  });
});

test("an engine that dies ends what it had under way", () => {
  const dead: EngineEvent = {
    type: "state",
    state: { status: "failed", error: { kind: "Internal", detail: "gone" } },
  };
  expect(apply(running(), step(JOB), dead)).toMatchObject({ work: null, run: { status: "failed" } });
  expect(statuses(apply(running(), step(JOB), dead))).not.toContain("running");
});

test("every step counts as spent, for each start that made it, also when it is made again", () => {
  const both = { ...step(JOB), count: 2 };
  expect(apply(running(2), both).cost.spent).toEqual({ light: 0, heavy: 2 });
  const again = apply(running(2), both, both, integrated(2));
  expect(again.cost.spent).toEqual({ light: 0, heavy: 4 });
  // 4 steps of heavy alone for two seeds are there; 2 light and 2 heavy ones of each are not.
  expect(again.cost.left).toEqual({ light: 4, heavy: 4 });
});

test("a finished stretch lets its cells be decoded", () => {
  const comparison = apply(running(2), integrated(2));
  expect(statuses(comparison)).toEqual(["drawn", "drawn", "waiting", "waiting"]);
});

test("states that are recorded twice are kept once", () => {
  const recorded: EngineEvent = {
    type: "recorded",
    id: JOB,
    step: 0,
    t: 0,
    tNext: 0.25,
    served: "heavy",
    states: [latent()],
    x1Hats: [latent()],
    previews: null,
  };
  const comparison = apply(running(), recorded, { ...recorded, step: 1, t: 0.25, tNext: 0.5 }, recorded);
  const key = comparison.grid?.cells[0].key ?? "";
  expect(comparison.drawings[key]?.track.points.map((point) => point.step)).toEqual([0, 1]);
});

test("another reference redraws nothing; another view changes nothing but itself", () => {
  const comparison = running();
  const reference = { panel: 0, row: 1, column: 1 };
  const { settings, family } = comparison;
  const turned = apply(comparison, {
    type: "comparison-changed",
    settings: { ...settings, reference },
    family,
  });
  expect(turned.plan).toBe(comparison.plan);
  expect(turned.work).toBe(comparison.work);
  expect(turned.partners).toEqual([2, 3, 2, 3]);
  const seen = apply(comparison, {
    type: "comparison-changed",
    settings: { ...settings, view: "blink" },
    family,
  });
  expect({ ...seen, settings }).toEqual(comparison);
  expect(seen.drawings).toBe(comparison.drawings);
});

describe("the reader's own models come and go", () => {
  const own = "fruits-01234567";
  const without = { ...SHIPPED, families: [FAMILY] };
  const withOwn = {
    ...SHIPPED,
    families: [familyWith({ name: "zoo-base" }, { name: "zoo-half" }, { name: own })],
  };

  test("a grid that can still be drawn goes on as it is", () => {
    const before = running();
    const after = apply(before, { type: "manifest", manifest: withOwn });
    expect(after).toEqual({ ...before, family: withOwn.families[0] });
  });

  test("a grid that a model kept from being made is made when the model arrives, and is none again when it goes", () => {
    const settings = comparisonOf({ model: `light, ${own}`, seed: "1-2" });
    const lacking = apply(INITIAL_COMPARISON, { type: "comparison-changed", settings, family: FAMILY });
    expect(lacking.problem).toMatchObject({ kind: "UnknownModel", model: own });
    const here = apply(lacking, { type: "manifest", manifest: withOwn });
    expect([here.problem, here.grid?.cells.length]).toEqual([null, 4]);
    expect(apply(here, { type: "manifest", manifest: without }).problem).toMatchObject({
      kind: "UnknownModel",
    });
  });

  test("a class that one model alone knows makes a grid of that model, and of no other", () => {
    const [family] = withOwn.families;
    const knows = {
      ...family,
      models: family.models.map((model) => (model.name === own ? { ...model, classes: ["fruit"] } : model)),
    };
    const problemOf = (model: string) =>
      apply(INITIAL_COMPARISON, {
        type: "comparison-changed",
        settings: comparisonOf({ seed: "1-2", model }, { className: "fruit" }),
        family: knows,
      }).problem;
    expect(problemOf(own)).toBeNull();
    expect(problemOf(`${own}, light`)).toMatchObject({ kind: "UnknownClass", name: "fruit" });
    expect(problemOf(`c2f:${own}`)).toMatchObject({ kind: "UnknownClass", name: "fruit" });
  });
});
