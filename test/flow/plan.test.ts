import { describe, expect, test } from "vitest";
import { GridError, inversionGrid, uniformGrid } from "#flow/grid.ts";
import { evaluationPlan, TauError } from "#flow/plan.ts";
import { SOLVER_NAMES } from "#flow/solvers/names.ts";

const grid = uniformGrid(60);

describe("evaluation plan", () => {
  test("the paper's setting costs 42 light and 17 heavy steps", () => {
    expect(evaluationPlan({ solver: "euler", grid, choice: "c2f", tau: 0.7 }).nfe).toEqual({
      light: 42,
      heavy: 17,
    });
  });

  test("heavy first at the mirrored tau costs as many heavy steps, or one more where tau falls between two", () => {
    const heavyFirst = (tau: number) => evaluationPlan({ solver: "euler", grid, choice: "heavyFirst", tau });
    expect(heavyFirst(0.3).nfe).toEqual({ light: 41, heavy: 18 });
    expect(heavyFirst(0.3).steps.map(({ evaluations }) => evaluations[0]?.served)).toEqual(
      Array.from({ length: 59 }, (_, i) => (i / 59 < 0.3 ? "heavy" : "light")),
    );
    expect([heavyFirst(0).nfe, heavyFirst(1).nfe]).toEqual([
      { light: 59, heavy: 0 },
      { light: 0, heavy: 59 },
    ]);
  });

  test.each(SOLVER_NAMES)("tau = 0 is heavy only with %s", (solver) => {
    expect(evaluationPlan({ solver, grid, choice: "c2f", tau: 0 }).nfe.light).toBe(0);
  });

  test.each([
    ["euler", 0],
    ["midpoint", 0],
    ["ab2", 0],
    ["heun", 1],
    ["rk4", 1],
  ] as const)("tau = 1 with %s leaves %i evaluations to the heavy model", (solver, heavy) => {
    expect(evaluationPlan({ solver, grid, choice: "c2f", tau: 1 }).nfe.heavy).toBe(heavy);
  });

  test("a Heun step that ends at tau has a heavy second stage", () => {
    const { steps } = evaluationPlan({ solver: "heun", grid: uniformGrid(11), choice: "c2f", tau: 0.5 });
    expect(steps[4]?.evaluations.map(({ served }) => served)).toEqual(["light", "heavy"]);
    expect(steps[3]?.evaluations.map(({ served }) => served)).toEqual(["light", "light"]);
  });

  test("tau is compared as it is, with no epsilon", () => {
    const justAbove = 0.5 + Number.EPSILON / 2;
    const heavyAt = (tau: number) =>
      evaluationPlan({ solver: "euler", grid: [0, 0.5, 1], choice: "c2f", tau }).times.heavy;
    expect(heavyAt(0.5)).toEqual([0.5]);
    expect(heavyAt(justAbove)).toEqual([]);
  });

  test("each model's evaluations are numbered from 0 in order, at float64 times", () => {
    const { steps, times } = evaluationPlan({ solver: "rk4", grid, choice: "c2f", tau: 0.33 });
    for (const served of ["light", "heavy"] as const) {
      const own = steps.flatMap(({ evaluations }) => evaluations.filter((e) => e.served === served));
      expect(own.map(({ index }) => index)).toEqual(own.map((_, i) => i));
      expect(own.map(({ t }) => t)).toEqual(times[served]);
    }
    expect(times.light[0]).toBe(0);
    expect(times.light[4]).toBe(1 / 59);
  });

  test.each([-0.1, 1.1, Number.NaN])("tau = %s is refused by name", (tau) => {
    expect(() => evaluationPlan({ solver: "euler", grid, choice: "c2f", tau })).toThrow(TauError);
    expect(() => evaluationPlan({ solver: "euler", grid, choice: "heavyFirst", tau })).toThrow(TauError);
    expect(() => evaluationPlan({ solver: "euler", grid, choice: "light", tau })).not.toThrow();
  });
});

describe("time grid", () => {
  test("60 points are 59 equal steps with exact ends", () => {
    expect(grid).toHaveLength(60);
    expect(grid[0]).toBe(0);
    expect(grid[59]).toBe(1);
    expect(grid[42]).toBe(42 / 59);
  });

  test("an inversion goes down to tau and meets it exactly", () => {
    const down = inversionGrid(0.7, 18);
    expect(down).toHaveLength(19);
    expect(down[0]).toBe(1);
    expect(down[18]).toBe(0.7);
  });

  test.each([
    [[]],
    [[0]],
    [[0, 0]],
    [[0, 0.5, 0.5]],
    [[0, 0.5, 0.4]],
    [[0, 1.5]],
    [[0, Number.NaN, 1]],
    [[-0.1, 1]],
  ])("%j is refused by name", (bad) => {
    expect(() => evaluationPlan({ solver: "euler", grid: bad, choice: "light", tau: 0 })).toThrow(GridError);
  });

  test.each([0, 1, 1.5, Number.NaN])("%s points are refused by name", (points) => {
    expect(() => uniformGrid(points)).toThrow(GridError);
  });
});
