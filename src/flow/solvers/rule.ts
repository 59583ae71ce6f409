import type { Tensor4D } from "@tensorflow/tfjs-core";

/** A tensor times a number: one term of a sum. */
export type Term = readonly [factor: number, tensor: Tensor4D];

/** One solver step from (x, t) to tNext, as the driver offers it to a rule. Every tensor that comes out
 *  of it belongs to the driver, which disposes them after the step: a rule is arithmetic only. */
export interface Step {
  /** State at t. */
  readonly x: Tensor4D;
  readonly t: number;
  readonly tNext: number;
  /** Step before this one, for multistep rules; null at the start and after a change of model. */
  readonly previous: { readonly velocity: Tensor4D; readonly h: number } | null;
  /** Velocity at `state` and the time `stageTimes(t, tNext)[stage]`. */
  velocity(stage: number, state: Tensor4D): Promise<Tensor4D>;
  /** That velocity v, and x + factor · v. The same as `plus([factor, v])`, for which some networks need no further dispatch. */
  move(
    stage: number,
    state: Tensor4D,
    factor: number,
  ): Promise<{ readonly to: Tensor4D; readonly v: Tensor4D }>;
  /** x + Σ factor · tensor. */
  plus(...terms: readonly Term[]): Tensor4D;
}

/** One way to step dx/dt = v(x, t). */
export interface StepRule {
  /** Times of the evaluations of a step, in order; the first is t. Exact where a stage sits on a grid
   *  point, so that comparing it with tau needs no epsilon. */
  stageTimes(t: number, tNext: number): readonly number[];
  /** Reads `Step.previous`. */
  readonly multistep: boolean;
  /** State at tNext. */
  advance(step: Step): Promise<Tensor4D>;
}
