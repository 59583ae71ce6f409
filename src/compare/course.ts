import { evaluationPlan, firstOf, type ModelChoice, otherThan, type Served } from "#flow/plan.ts";
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

/** The shape of a trajectory: steps of the first model, then one step that may be mixed, then the other model's. */
export interface Course {
  readonly first: Served;
  /** Solver steps: points of the grid less one. */
  readonly steps: number;
  /** First step with an evaluation of the second model, 0 … steps; `steps` when there is none. */
  readonly cut: number;
  /** Models of the evaluations of step `cut`; empty when there is no such step. */
  readonly mixed: readonly Served[];
}

/** How a trajectory is drawn. */
export interface CourseRequest {
  readonly choice: ModelChoice;
  /** Read where the choice has a switch. */
  readonly tau: number;
  /** Points of the time grid. */
  readonly steps: number;
  readonly solver: SolverName;
}

/** The course of the plan that `evaluationPlan` makes, found by looking at some of its steps: times of evaluations never
 *  fall from step to step, so once one is the second model's, all of the steps that follow are. A thousand steps of a
 *  thousand cells are planned while the reader types. */
export function courseOf({ choice, tau, steps: points, solver }: CourseRequest): Course {
  const steps = points - 1;
  const first = firstOf(choice);
  const servedAt = (i: number): readonly Served[] =>
    evaluationPlan({ solver, choice, tau, grid: [i / steps, (i + 1) / steps] }).steps.flatMap((step) =>
      step.evaluations.map(({ served }) => served),
    );
  let low = 0;
  let high = steps;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (servedAt(middle).includes(otherThan(first))) high = middle;
    else low = middle + 1;
  }
  return { first, steps, cut: low, mixed: low < steps ? servedAt(low) : [] };
}

/** Function evaluations of the steps from … to−1 of a course. */
export function evaluationsOf(
  { first, steps, cut, mixed }: Course,
  solver: SolverName,
  from = 0,
  to = steps,
): Evaluations {
  const each = SOLVERS[solver].nfePerStep;
  const crosses = from <= cut && cut < to;
  const count = (served: Served) => (crosses ? mixed.filter((one) => one === served).length : 0);
  const before = Math.max(0, Math.min(cut, to) - from) * each;
  const after = Math.max(0, to - Math.max(cut + 1, from)) * each;
  return {
    light: (first === "light" ? before : after) + count("light"),
    heavy: (first === "heavy" ? before : after) + count("heavy"),
  };
}
