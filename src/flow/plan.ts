import { assertGrid } from "./grid.ts";
import { RULES, type RuleName } from "./solvers/rules.ts";

/** Which velocity model answers an evaluation. */
export type Served = "light" | "heavy";
/** Which models draw a trajectory: one of them; "c2f": light until tau and heavy from it on; "heavyFirst": heavy until tau
 *  and light from it on. */
export type ModelChoice = Served | "c2f" | "heavyFirst";

/** Which model a choice begins with, and so the only one of "light" and "heavy". */
export const firstOf = (choice: ModelChoice): Served =>
  choice === "light" || choice === "c2f" ? "light" : "heavy";

/** Whether a choice has a switch, and so a tau. */
export const switches = (choice: ModelChoice): boolean => choice === "c2f" || choice === "heavyFirst";

export class TauError extends RangeError {
  override readonly name = "TauError";
  constructor(readonly tau: number) {
    super(`tau is a time 0 … 1, not ${tau}`);
  }
}

export interface PlannedEvaluation {
  readonly t: number;
  readonly served: Served;
  /** Place among the evaluations of that model: the `i` of `Trajectory.velocity`. */
  readonly index: number;
}

export interface PlannedStep {
  readonly t: number;
  readonly tNext: number;
  readonly evaluations: readonly PlannedEvaluation[];
}

export interface EvaluationPlan {
  readonly steps: readonly PlannedStep[];
  /** Times of each model's own evaluations, in order, in float64. */
  readonly times: Readonly<Record<Served, readonly number[]>>;
  /** Function evaluations of each model. */
  readonly nfe: Readonly<Record<Served, number>>;
}

export interface PlanRequest {
  readonly solver: RuleName;
  /** Increasing, or decreasing for an inversion. */
  readonly grid: readonly number[];
  readonly choice: ModelChoice;
  /** Switch time 0 … 1; read where the choice has a switch. */
  readonly tau: number;
}

/** Model of an evaluation at t: for "c2f", `t >= tau ? heavy : light`, by the evaluation's own t and
 *  without an epsilon. So a Heun step that ends at tau has a heavy second stage, and tau = 1 is light
 *  only for solvers without a stage at t = 1. "heavyFirst" is the same with the models exchanged.
 *  Source: method §2, decision 19. */
export function servedBy(choice: ModelChoice, tau: number, t: number): Served {
  const first = firstOf(choice);
  return switches(choice) && t >= tau ? otherThan(first) : first;
}

export const otherThan = (served: Served): Served => (served === "light" ? "heavy" : "light");

/** A stretch that the plan does not have. */
export class StretchError extends RangeError {
  override readonly name = "StretchError";
  constructor(
    readonly from: number,
    readonly to: number,
    readonly steps: number,
  ) {
    super(`a stretch of ${steps} steps has whole numbers 0 ≤ from < to ≤ ${steps}, not ${from} and ${to}`);
  }
}

/** Every evaluation of a trajectory in order, before any is made: what models prepare, and what the page
 *  shows as the cost. Computes no tensor. Throws GridError or, where there is a switch, TauError. */
export function evaluationPlan({ solver, grid, choice, tau }: PlanRequest): EvaluationPlan {
  assertGrid(grid);
  if (switches(choice) && !(tau >= 0 && tau <= 1)) throw new TauError(tau);
  return planOf(
    grid.slice(0, -1).map((t, i) => {
      const tNext = grid[i + 1];
      const stages = RULES[solver].stageTimes(t, tNext);
      return {
        t,
        tNext,
        evaluations: stages.map((stage) => ({ t: stage, served: servedBy(choice, tau, stage) })),
      };
    }),
  );
}

/** The 0-based steps from … to−1 of a plan as a plan of their own: the same times by the same models, each model's
 *  evaluations numbered anew. Throws StretchError unless 0 ≤ from < to ≤ steps, both whole. */
export function stretchOf({ steps }: EvaluationPlan, from: number, to: number): EvaluationPlan {
  const whole = Number.isInteger(from) && Number.isInteger(to);
  if (!whole || from < 0 || from >= to || to > steps.length) throw new StretchError(from, to, steps.length);
  return planOf(steps.slice(from, to));
}

interface UnnumberedStep {
  readonly t: number;
  readonly tNext: number;
  readonly evaluations: readonly Omit<PlannedEvaluation, "index">[];
}

/** The plan of these steps: evaluations numbered within their model, and counted. */
function planOf(unnumbered: readonly UnnumberedStep[]): EvaluationPlan {
  const times: Record<Served, number[]> = { light: [], heavy: [] };
  const steps = unnumbered.map(({ t, tNext, evaluations }) => ({
    t,
    tNext,
    evaluations: evaluations.map(({ t, served }) => ({ t, served, index: times[served].push(t) - 1 })),
  }));
  return { steps, times, nfe: { light: times.light.length, heavy: times.heavy.length } };
}
