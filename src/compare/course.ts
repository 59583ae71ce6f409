import { evaluationPlan, type ModelChoice, type Served } from "#flow/plan.ts";
import type { SolverName } from "#flow/solvers/names.ts";
import { SOLVERS } from "#flow/solvers/names.ts";

/** Function evaluations by the place of the model that makes them. */
export interface Evaluations {
  readonly light: number;
  readonly heavy: number;
}

export const NO_EVALUATIONS: Evaluations = { light: 0, heavy: 0 };

export const plus = (a: Evaluations, b: Evaluations, times = 1): Evaluations => ({
  light: a.light + times * b.light,
  heavy: a.heavy + times * b.heavy,
});

/** The shape of a trajectory: light steps, then one step that may be mixed, then heavy ones. */
export interface Course {
  /** Solver steps: points of the grid less one. */
  readonly steps: number;
  /** First step with an evaluation of the heavy model, 0 … steps; `steps` when there is none. */
  readonly cut: number;
  /** Models of the evaluations of step `cut`; empty when there is no such step. */
  readonly mixed: readonly Served[];
}

/** How a trajectory is drawn. */
export interface CourseRequest {
  readonly choice: ModelChoice;
  /** Read for "c2f" only. */
  readonly tau: number;
  /** Points of the time grid. */
  readonly steps: number;
  readonly solver: SolverName;
}

/** The course of the plan that `evaluationPlan` makes, found by looking at some of its steps: times of evaluations never
 *  fall from step to step, so once one is the heavy model's, all of the steps that follow are. A thousand steps of a
 *  thousand cells are planned while the reader types. */
export function courseOf({ choice, tau, steps: points, solver }: CourseRequest): Course {
  const steps = points - 1;
  const servedAt = (i: number): readonly Served[] =>
    evaluationPlan({ solver, choice, tau, grid: [i / steps, (i + 1) / steps] }).steps.flatMap((step) =>
      step.evaluations.map(({ served }) => served),
    );
  let low = 0;
  let high = steps;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (servedAt(middle).includes("heavy")) high = middle;
    else low = middle + 1;
  }
  return { steps, cut: low, mixed: low < steps ? servedAt(low) : [] };
}

/** Function evaluations of the steps from … to−1 of a course. */
export function evaluationsOf(
  { steps, cut, mixed }: Course,
  solver: SolverName,
  from = 0,
  to = steps,
): Evaluations {
  const each = SOLVERS[solver].nfePerStep;
  const crosses = from <= cut && cut < to;
  const count = (served: Served) => (crosses ? mixed.filter((one) => one === served).length : 0);
  return {
    light: Math.max(0, Math.min(cut, to) - from) * each + count("light"),
    heavy: Math.max(0, to - Math.max(cut + 1, from)) * each + count("heavy"),
  };
}
