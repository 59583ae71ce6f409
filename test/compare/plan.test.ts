import { expect, test } from "vitest";
import { choiceOf } from "#checkpoints/modelText.ts";
import { planOf } from "#compare/plan.ts";
import { uniformGrid } from "#flow/grid.ts";
import { evaluationPlan } from "#flow/plan.ts";
import { gridWith } from "./support.ts";

const stretchesOf = (...of: Parameters<typeof gridWith>) =>
  [...planOf(gridWith(...of)).stretches.values()].map(({ of, ...start }) => ({ ...of, ...start }));

test("the evaluations of four seeds and five taus equal a count by hand", () => {
  const { nfe } = planOf(gridWith({ tau: "0, 0.3, 0.5, 0.7, 1", seed: "1-4" }));
  // 59 Euler steps from t = 0 by 1/59. The first t at or after 0.3 is step 18, after 0.5 step 30, after 0.7 step 42.
  // Each seed: one light trunk to the end (59), heavy alone (59) and the heavy ends (59−18) + (59−30) + (59−42).
  expect(nfe.planned).toEqual({ light: 4 * 59, heavy: 4 * (59 + 41 + 29 + 17) });
  // Drawn one by one the light beginnings are made again: 18 + 30 + 42 + 59.
  expect(nfe.naive).toEqual({ light: 4 * 149, heavy: 4 * 146 });
});

test("what a grid costs drawn cell by cell is the sum of the sampler's own plans", () => {
  for (const solver of ["euler", "midpoint", "heun", "rk4", "ab2"] as const) {
    const grid = gridWith(
      { tau: "0-1 [9]", model: "light, c2f, c2f:heavy:light, heavy" },
      { solver, steps: 21 },
    );
    const sum = { light: 0, heavy: 0 };
    for (const { settings } of grid.cells) {
      const { nfe } = evaluationPlan({
        solver,
        choice: choiceOf(settings.model),
        tau: settings.tau,
        grid: uniformGrid(settings.steps),
      });
      sum.light += nfe.light;
      sum.heavy += nfe.heavy;
    }
    expect(planOf(grid).nfe.naive).toEqual(sum);
  }
});

test("cells whose trajectories are the same are one drawing", () => {
  const grid = gridWith({ tau: "0.70, 0.701", seed: "5" });
  expect(grid.cells[0].key).toBe(grid.cells[1].key);
  expect(planOf(grid).nfe.planned).toEqual({ light: 42, heavy: 17 });
  expect(new Set(gridWith({ tau: "0.69, 0.70", seed: "5" }).cells.map(({ key }) => key)).size).toBe(2);
});

test("heavy alone is coarse-to-fine with τ = 0, and light alone with τ = 1 of Euler but not of Heun", () => {
  const keys = (solver: "euler" | "heun") => {
    const { cells } = gridWith({ tau: "0, 1", model: "light, c2f, heavy" }, { solver });
    return cells.map(({ key }) => key);
  };
  const [light0, c2f0, heavy0, light1, c2f1, heavy1] = keys("euler");
  expect([c2f0, heavy1, light1, c2f1]).toEqual([heavy0, heavy0, light0, light0]);
  const heun = keys("heun");
  expect(heun[1]).toBe(heun[2]);
  // Heun's last stage stands at t = 1, which is heavy's even for τ = 1.
  expect(heun[4]).not.toBe(heun[3]);
});

test("a mixed step of Heun belongs to the branch", () => {
  const [trunk, branch] = stretchesOf({ tau: "0.5", seed: "1" }, { solver: "heun", steps: 11 });
  // Step 4 begins at 0.4 with the light model and ends at 0.5, where the stage is the heavy one's.
  expect([trunk.from, trunk.to, branch.from, branch.to]).toEqual([0, 4, 4, 10]);
  expect([trunk.nfe, branch.nfe]).toEqual([
    { light: 8, heavy: 0 },
    { light: 1, heavy: 11 },
  ]);
});

test("taus in the two halves of a step share it with midpoint and RK4 only when their stages fall alike", () => {
  const count = (solver: "midpoint" | "rk4", tau: string) =>
    new Set(gridWith({ tau, seed: "1" }, { solver, steps: 11 }).cells.map(({ key }) => key)).size;
  expect(count("rk4", "0.41, 0.44")).toBe(1); // both before the stages at 0.45
  expect(count("rk4", "0.44, 0.46")).toBe(2);
  expect(count("midpoint", "0.46, 0.5")).toBe(1); // after the stage at 0.45: the next step begins heavy
});

test("a first step that is mixed has no trunk, and its branch begins with noise", () => {
  const stretches = stretchesOf({ tau: "0.01", seed: "1" }, { solver: "heun", steps: 11 });
  expect(stretches.map(({ from, after, nfe }) => [from, after, nfe])).toEqual([
    [0, null, { light: 1, heavy: 19 }],
  ]);
});

test("a trunk is shared over taus and reaches as far as the last of them needs", () => {
  const plan = planOf(gridWith({ tau: "0.3, 0.5, 0.7", seed: "1" }));
  const trunks = [...plan.stretches.values()].filter(({ after }) => after === null);
  expect(trunks.map(({ of }) => [of.to, of.model])).toEqual([[42, "light"]]);
  expect(plan.cuts.get(trunks[0].key)).toEqual([18, 30, 42]);
  expect(plan.through.get(trunks[0].key)).toHaveLength(3);
});

test("another class, seed, solver, number of steps, guidance or model shares nothing", () => {
  const base = gridWith({ tau: "0.7", seed: "1" }).cells[0].key;
  for (const [axes, fixed] of [
    [{ tau: "0.7", class: "dylan" }, {}],
    [{ tau: "0.7", seed: "2" }, {}],
    [{ tau: "0.7", seed: "1" }, { solver: "ab2" }],
    [{ tau: "0.7", seed: "1" }, { steps: 59 }],
    [{ tau: "0.7", seed: "1" }, { guidance: 1 }],
    [{ tau: "0.7", seed: "1" }, { model: "c2f:zoo-half" }],
    [{ tau: "0.7", seed: "1" }, { model: "c2f:light:zoo-half" }],
  ] as const)
    expect(gridWith(axes, fixed).cells[0].key).not.toBe(base);
});

test("heavy first and heavy alone share their beginning, and light ends it", () => {
  const stretches = stretchesOf({ model: "c2f:heavy:light, heavy", seed: "1" }, { tau: 0.3 });
  expect(stretches.map(({ names, from, to, nfe }) => [names, from, to, nfe])).toEqual([
    [{ light: null, heavy: "heavy" }, 0, 59, { light: 0, heavy: 59 }],
    [{ light: "light", heavy: "heavy" }, 18, 59, { light: 41, heavy: 0 }],
  ]);
  // At τ = 0 the light model draws alone, and from τ = 1 on the heavy one.
  const keysAt = (tau: number) =>
    gridWith({ model: "light, c2f:heavy:light, heavy", seed: "1" }, { tau }).cells.map(({ key }) => key);
  const [light, first] = keysAt(0);
  expect(first).toBe(light);
  const [, whole, heavy] = keysAt(1);
  expect(whole).toBe(heavy);
});

test("a variant alone and coarse-to-fine with it share its trunk", () => {
  const stretches = stretchesOf({ model: "zoo-half, c2f:zoo-half", seed: "1" });
  expect(stretches.map(({ model, from, to }) => [model, from, to])).toEqual([
    ["zoo-half", 0, 59],
    ["c2f:zoo-half", 42, 59],
  ]);
});
