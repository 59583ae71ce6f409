import { expect, test } from "vitest";
import { NO_EVALUATIONS, plus } from "#compare/course.ts";
import { type Plan, planOf } from "#compare/plan.ts";
import type { StretchKey } from "#compare/route.ts";
import {
  evaluationsIn,
  evaluationsLeft,
  type Kept,
  missingOf,
  nextUnit,
  ranksOf,
  type Unit,
} from "#compare/unit.ts";
import { gridWith, NOTHING_KEPT } from "./support.ts";

const REFERENCE = { panel: 0, row: 0, column: 0 };
const NO_HOLD = { isHeldUp: () => false };

type States = Map<StretchKey, Set<number>>;
const keptIn =
  (states: States): Kept =>
  (key, steps) =>
    states.get(key)?.has(steps) ?? false;

/** Units in the order in which they are sent until nothing is left. What stays of a unit are the states at which branches
 *  start, and its end. */
function unitsOf(
  grid: ReturnType<typeof gridWith>,
  { batch = 1, slow = false, reference = REFERENCE, states = new Map() as States } = {},
): { units: readonly Unit[]; plan: Plan; spent: { light: number; heavy: number } } {
  const plan = planOf(grid);
  const units: Unit[] = [];
  let spent = NO_EVALUATIONS;
  const choice = { ranks: ranksOf(grid, reference), batch, slow, ...NO_HOLD };
  const kept = keptIn(states);
  for (let unit = nextUnit(plan, kept, choice); unit; unit = nextUnit(plan, kept, choice)) {
    const { stretches, from, to } = unit;
    units.push(unit);
    for (const stretch of stretches) {
      if (stretch.after !== null) expect(kept(stretch.after, stretch.of.from)).toBe(true);
      spent = plus(spent, evaluationsIn(stretch, unit));
      const passed = (plan.cuts.get(stretch.key) ?? []).filter((cut) => cut > from && cut <= to);
      states.set(stretch.key, new Set([...(states.get(stretch.key) ?? []), ...passed, to]));
    }
    if (units.length > 5000) throw new Error("the units do not come to an end");
  }
  return { units, plan, spent };
}

const briefly = ({ stretches, from, to }: Unit) =>
  `${stretches[0].of.model} ${from}–${to} of ${stretches.map(({ seed }) => seed).join()}`;

test("what the units spend is what the plan says, whatever the order", () => {
  for (const how of [{}, { batch: 8 }, { slow: true }, { reference: { panel: 1, row: 2, column: 1 } }]) {
    const grid = gridWith(
      { tau: "0, 0.3, 0.5, 0.7, 1", seed: "1-4", solver: "euler, heun, ab2" },
      { steps: 21 },
    );
    const { plan, spent } = unitsOf(grid, how);
    expect(spent).toEqual(plan.nfe.planned);
  }
});

test("the reference's row goes first, then the diagonal, then the rest; a trunk before what follows it", () => {
  const { units } = unitsOf(gridWith({ tau: "0, 0.5", seed: "1-3" }));
  expect(units.map(briefly)).toEqual([
    "c2f 0–59 of 1",
    "c2f 0–59 of 2",
    "c2f 0–59 of 3",
    "light 0–30 of 2",
    "c2f 30–59 of 2",
    "light 0–30 of 1",
    "c2f 30–59 of 1",
    "light 0–30 of 3",
    "c2f 30–59 of 3",
  ]);
});

test("alike stretches of several seeds go side by side", () => {
  const { units } = unitsOf(gridWith({ tau: "0, 0.5", seed: "1-3" }), { batch: 8 });
  expect(units.map(briefly)).toEqual(["c2f 0–59 of 1,2,3", "light 0–30 of 2,1,3", "c2f 30–59 of 2,1,3"]);
});

test("on a slow backend everything light goes before anything heavy", () => {
  const { units } = unitsOf(gridWith({ model: "heavy, c2f, light", seed: "1-3" }), { slow: true });
  const heavy = units.map(({ stretches }) => stretches[0].of.nfe.heavy > 0);
  expect(heavy).toEqual([false, false, false, true, true, true, true, true, true]);
});

test("a trunk that is needed further goes on where it was, but anew with a solver that remembers", () => {
  for (const [solver, from, to] of [
    ["euler", 30, 42],
    ["heun", 29, 41],
    ["ab2", 0, 42],
  ] as const) {
    const states: States = new Map();
    const first = unitsOf(gridWith({ tau: "0.5", seed: "1" }, { solver }), { states });
    const grid = gridWith({ tau: "0.5, 0.7", seed: "1" }, { solver });
    const left = evaluationsLeft(planOf(grid), keptIn(states));
    const { units, spent, plan } = unitsOf(grid, { states });
    expect(units.map((unit) => [unit.from, unit.to])).toEqual([
      [from, to],
      [to, 59],
    ]);
    expect(spent).toEqual(left);
    if (solver !== "ab2") expect(plus(spent, first.spent)).toEqual(plan.nfe.planned);
  }
});

test("a branch that leaves a trunk where no state was kept has that part computed again, and no more", () => {
  const states: States = new Map();
  unitsOf(gridWith({ tau: "0.3, 0.7", seed: "1" }), { states });
  const { units } = unitsOf(gridWith({ tau: "0.3, 0.5, 0.7", seed: "1" }), { states });
  expect(units.map(briefly)).toEqual(["light 18–30 of 1", "c2f 30–59 of 1"]);
});

test("what is computed already is not computed again", () => {
  const states: States = new Map();
  unitsOf(gridWith({ tau: "0, 0.5", seed: "1-3" }), { states });
  const { units } = unitsOf(gridWith({ tau: "0, 0.5, 1", seed: "2-3" }), { states });
  expect(units.map(briefly)).toEqual(["light 30–59 of 3", "light 30–59 of 2"]);
});

test("a stretch that is held up and what follows it are left out", () => {
  const grid = gridWith({ tau: "0, 0.5", seed: "1" });
  const plan = planOf(grid);
  const choice = {
    ranks: ranksOf(grid, REFERENCE),
    batch: 1,
    slow: false,
    isHeldUp: ({ of }: { readonly of: { readonly to: number } }) => of.to === 30,
  };
  const unit = nextUnit(plan, NOTHING_KEPT, choice);
  expect(unit && briefly(unit)).toBe("c2f 0–59 of 1");
  const heavy = unit?.stretches[0].key;
  expect(nextUnit(plan, (key) => key === heavy, choice)).toBeNull();
});

test("a stretch of which nothing is kept is missing as a whole and costs what the plan says", () => {
  const plan = planOf(gridWith({ tau: "0.5", seed: "1" }, { solver: "rk4" }));
  for (const stretch of plan.stretches.values()) {
    const missing = missingOf(stretch, plan, NOTHING_KEPT);
    expect(missing).toEqual({ from: stretch.of.from, to: stretch.of.to });
    expect(missing && evaluationsIn(stretch, missing)).toEqual(stretch.of.nfe);
  }
});
