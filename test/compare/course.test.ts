import { expect, test } from "vitest";
import { courseOf, evaluationsOf } from "#compare/course.ts";
import { uniformGrid } from "#flow/grid.ts";
import { evaluationPlan, type ModelChoice } from "#flow/plan.ts";
import { SOLVER_NAMES } from "#flow/solvers/names.ts";

/** Taus on, beside and between grid points, and both ends. */
const tausOf = (points: number): readonly number[] => {
  const grid = uniformGrid(points);
  return [
    ...grid,
    ...grid.map((t) => Math.min(1, t + 1e-12)),
    ...grid.map((t) => Math.min(1, t + 0.4 / points)),
    0.7,
  ];
};

test.each(SOLVER_NAMES)(
  "the course with %s is that of the plan, for taus on and between grid points",
  (solver) => {
    for (const steps of [2, 3, 11, 60])
      for (const choice of ["light", "heavy", "c2f", "heavyFirst"] as const satisfies readonly ModelChoice[])
        for (const tau of tausOf(steps)) {
          const plan = evaluationPlan({ solver, choice, tau, grid: uniformGrid(steps) });
          const course = courseOf({ solver, choice, tau, steps });
          const served = plan.steps.map((step) => step.evaluations.map((one) => one.served));
          const first = choice === "light" || choice === "c2f" ? "light" : "heavy";
          const second = first === "light" ? "heavy" : "light";
          const cut = served.findIndex((step) => step.includes(second));
          const at = cut < 0 ? served.length : cut;
          expect(course).toEqual({ first, steps: steps - 1, cut: at, mixed: served[at] ?? [] });
          expect(evaluationsOf(course, solver)).toEqual(plan.nfe);
          const before = evaluationsOf(course, solver, 0, at);
          const after = evaluationsOf(course, solver, at);
          expect(before[second]).toBe(0);
          expect({ [first]: before[first] + after[first], [second]: after[second] }).toEqual(plan.nfe);
        }
  },
);

test("a thousand courses of a thousand steps are found in a moment", () => {
  const started = performance.now();
  for (let k = 0; k < 1000; k++) courseOf({ solver: "rk4", choice: "c2f", tau: k / 1000, steps: 1000 });
  expect(performance.now() - started).toBeLessThan(500); // whole plans take some seconds
});
