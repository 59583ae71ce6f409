import { add, addN, dispose, mul, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import type { Trajectory } from "./field.ts";
import { assertSameShape } from "./path.ts";
import type { PlannedEvaluation, PlannedStep } from "./plan.ts";
import type { Step, StepRule, Term } from "./solvers/rule.ts";

/** The trajectory that makes a planned evaluation. What it throws ends the step. */
export type TrajectoryOf = (evaluation: PlannedEvaluation) => Trajectory;

/** What a step leaves; the caller disposes both. */
export interface Stepped {
  /** State at the end of the step. */
  readonly x: Tensor4D;
  /** First evaluation of the step. */
  readonly velocity: Tensor4D;
}

/** Makes one step of `rule` from x [B,H,W,C] and releases every tensor of it but the two of the result; all of them
 *  when it throws. Throws ShapeError for a velocity of another shape, RangeError for a rule that evaluates what it did
 *  not announce, and what `trajectoryOf` and its trajectory throw. */
export async function takeStep(
  rule: StepRule,
  x: Tensor4D,
  { t, tNext, evaluations }: PlannedStep,
  previous: Step["previous"],
  trajectoryOf: TrajectoryOf,
): Promise<Stepped> {
  const made: Tensor4D[] = [];
  const owned = (tensor: Tensor4D): Tensor4D => {
    made.push(tensor);
    return tensor;
  };
  let first: Tensor4D | null = null;
  let kept: readonly Tensor4D[] = [];
  const evaluationAt = (stage: number): PlannedEvaluation => {
    if (!(stage in evaluations)) throw new RangeError(`stage ${stage} at t = ${t} was not planned`);
    return evaluations[stage];
  };
  const evaluated = (velocity: Tensor4D): Tensor4D => {
    assertSameShape("velocity and state", owned(velocity), x);
    first ??= velocity;
    return velocity;
  };
  const step: Step = {
    x,
    t,
    tNext,
    previous,
    async velocity(stage, state) {
      const evaluation = evaluationAt(stage);
      return evaluated(await trajectoryOf(evaluation).velocity(evaluation.index, state));
    },
    async move(stage, state, factor) {
      const evaluation = evaluationAt(stage);
      const moved = await trajectoryOf(evaluation).move?.(evaluation.index, state, x, factor);
      if (moved) return { to: owned(moved.x), v: evaluated(moved.velocity) };
      const v = await step.velocity(stage, state);
      return { to: step.plus([factor, v]), v };
    },
    plus: (...terms) => owned(plus(x, terms)),
  };
  try {
    const next = await rule.advance(step);
    if (first === null) throw new RangeError(`the rule made no evaluation at t = ${t}`);
    kept = [next, first];
    return { x: next, velocity: first };
  } finally {
    dispose(made.filter((tensor) => !kept.includes(tensor)));
  }
}

/** x + Σ factor · tensor; the sum is made first, since its terms are small beside x. */
function plus(x: Tensor4D, terms: readonly Term[]): Tensor4D {
  return tidy(() => {
    const scaled = terms.map(([factor, tensor]) => mul<Tensor4D>(tensor, factor));
    return add(x, scaled.length === 1 ? scaled[0] : addN(scaled));
  });
}
