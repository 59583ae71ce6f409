import { expect, test } from "vitest";
import { NO_EVALUATIONS, plus } from "#compare/course.ts";
import { type Plan, planOf } from "#compare/plan.ts";
import type { StretchKey } from "#compare/route.ts";
import { beginsAt, evaluationsFrom, evaluationsLeft, nextUnit, ranksOf, type Unit } from "#compare/unit.ts";
import { gridWith, NOTHING_REACHED } from "./support.ts";

const REFERENCE = { panel: 0, row: 0, column: 0 };

/** Units in the order in which they are sent until nothing is left; what they compute stays. */
function unitsOf(
  grid: ReturnType<typeof gridWith>,
  { batch = 1, slow = false, reference = REFERENCE, reached = new Map<StretchKey, number>() } = {},
): { units: readonly Unit[]; plan: Plan; spent: { light: number; heavy: number } } {
  const plan = planOf(grid);
  const units: Unit[] = [];
  let spent = NO_EVALUATIONS;
  const choice = { ranks: ranksOf(grid, reference), batch, slow, failed: new Set<StretchKey>() };
  const at = (key: StretchKey) => reached.get(key);
  for (let unit = nextUnit(plan, at, choice); unit; unit = nextUnit(plan, at, choice)) {
    units.push(unit);
    for (const stretch of unit.stretches) {
      if (stretch.after !== null) expect(at(stretch.after)).toBeGreaterThanOrEqual(stretch.of.from);
      spent = plus(spent, evaluationsFrom(stretch, unit.from));
      reached.set(stretch.key, unit.to);
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
  for (const [solver, from] of [
    ["euler", 30],
    ["heun", 29],
    ["ab2", 0],
  ] as const) {
    const reached = new Map<StretchKey, number>();
    const first = unitsOf(gridWith({ tau: "0.5", seed: "1" }, { solver }), { reached });
    const grid = gridWith({ tau: "0.5, 0.7", seed: "1" }, { solver });
    const left = evaluationsLeft(planOf(grid), (key) => reached.get(key));
    const { units, spent, plan } = unitsOf(grid, { reached });
    expect(units.map((unit) => unit.from)).toEqual([from, solver === "heun" ? 41 : 42]);
    expect(spent).toEqual(left);
    if (solver !== "ab2") expect(plus(spent, first.spent)).toEqual(plan.nfe.planned);
  }
});

test("what is computed already is not computed again", () => {
  const reached = new Map<StretchKey, number>();
  unitsOf(gridWith({ tau: "0, 0.5", seed: "1-3" }), { reached });
  const { units } = unitsOf(gridWith({ tau: "0, 0.5, 1", seed: "2-3" }), { reached });
  expect(units.map(briefly)).toEqual(["light 30–59 of 3", "light 30–59 of 2"]);
});

test("a stretch that failed and what follows it are left out", () => {
  const grid = gridWith({ tau: "0, 0.5", seed: "1" });
  const plan = planOf(grid);
  const trunk = [...plan.stretches.values()].find(({ of }) => of.to === 30);
  const choice = {
    ranks: ranksOf(grid, REFERENCE),
    batch: 1,
    slow: false,
    failed: new Set([trunk?.key ?? ""]),
  };
  const unit = nextUnit(plan, NOTHING_REACHED, choice);
  expect(unit && briefly(unit)).toBe("c2f 0–59 of 1");
  const heavy = unit?.stretches[0].key;
  expect(nextUnit(plan, (key) => (key === heavy ? 59 : undefined), choice)).toBeNull();
});

test("a whole stretch begins at its own step and costs what the plan says", () => {
  for (const stretch of planOf(gridWith({ tau: "0.5", seed: "1" }, { solver: "rk4" })).stretches.values()) {
    expect(beginsAt(stretch, NOTHING_REACHED)).toBe(stretch.of.from);
    expect(evaluationsFrom(stretch, stretch.of.from)).toEqual(stretch.of.nfe);
  }
});
