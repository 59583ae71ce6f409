import { clone, type Tensor4D } from "@tensorflow/tfjs-core";
import { passesPerEvaluation, type Trajectory, type VelocityModel } from "./field.ts";
import { ShapeError, x1Hat } from "./path.ts";
import { type EvaluationPlan, evaluationPlan, type ModelChoice, type Served, stretchOf } from "./plan.ts";
import type { StepRule } from "./solvers/rule.ts";
import { RULES, type RuleName } from "./solvers/rules.ts";
import { type Stepped, type TrajectoryOf, takeStep } from "./takeStep.ts";

/** The signal fired: the trajectory was given up and its tensors are released. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
  constructor() {
    super("sampling was cancelled");
  }
}

/** The state at the end holds NaN or infinity. */
export class NonFiniteError extends Error {
  override readonly name = "NonFiniteError";
  constructor(
    readonly values: number,
    readonly of: number,
  ) {
    super(`${values} of ${of} values of the final state are not finite`);
  }
}

/** The plan has evaluations for a model that was not given. */
export class MissingModelError extends Error {
  override readonly name = "MissingModelError";
  constructor(readonly model: Served) {
    super(`the plan needs the ${model} model, which was not given`);
  }
}

/** A solver step that has just been made. Valid until `onStep` is done; what must outlive it is cloned. */
export interface StepReport {
  /** 1-based, in the whole trajectory. */
  readonly step: number;
  /** Steps of the whole trajectory. */
  readonly of: number;
  /** Time at which the step began. */
  readonly t: number;
  readonly tNext: number;
  /** Model of the step's first evaluation. */
  readonly served: Served;
  /** State at tNext [B,H,W,C]; the sampler's own. */
  readonly x: Tensor4D;
  /** Data estimate x + (1 − t) v from the step's first evaluation, at its start. Computed when asked for;
   *  the caller disposes it. */
  x1Hat(): Tensor4D;
}

export interface SampleOptions {
  /** Those of the two that the plan needs. */
  readonly models: Readonly<Partial<Record<Served, VelocityModel>>>;
  readonly choice: ModelChoice;
  /** Switch time 0 … 1; read where the choice has a switch. */
  readonly tau: number;
  /** Increasing times; decreasing ones follow the flow back towards noise. */
  readonly grid: readonly number[];
  readonly solver: RuleName;
  /** One class per sample of the batch. */
  readonly labels: readonly number[];
  /** Guidance w; 1 is one network pass an evaluation, any other value two. */
  readonly guidance: number;
  /** Stretch of the trajectory: the 0-based steps from … to−1 of the grid; all of them by default. */
  readonly from?: number;
  readonly to?: number;
  readonly signal?: AbortSignal;
  /** Awaited after every step. The sampler does not yield to the event loop of its own accord, so this is
   *  the place to let messages in. */
  onStep?(report: StepReport): void | Promise<void>;
}

export interface SampleResult {
  /** State at the last grid point, or at grid[to] of a stretch [B,H,W,C]; the caller disposes it. */
  readonly x1: Tensor4D;
  /** Of the steps that were made. */
  readonly nfe: Readonly<Record<Served, number>>;
  /** Network passes: evaluations times 1, or 2 with guidance. */
  readonly passes: number;
}

const throwIfCancelled = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new CancelledError();
};

/** Lets every model of the plan prepare its own evaluations. What was begun is ended when a later one fails. */
async function beginAll(
  plan: EvaluationPlan,
  { models, labels, guidance }: SampleOptions,
): Promise<Partial<Record<Served, Trajectory>>> {
  const begun: Partial<Record<Served, Trajectory>> = {};
  const used = (["light", "heavy"] as const).filter((served) => plan.nfe[served] > 0);
  for (const served of used) if (!models[served]) throw new MissingModelError(served);
  try {
    for (const served of used)
      begun[served] = await models[served]?.begin(plan.times[served], labels, guidance);
  } catch (error) {
    endAll(begun);
    throw error;
  }
  return begun;
}

function endAll(trajectories: Partial<Record<Served, Trajectory>>): void {
  trajectories.light?.end();
  trajectories.heavy?.end();
}

/** First evaluation of the step before. */
interface Previous {
  readonly velocity: Tensor4D;
  readonly h: number;
  readonly served: Served;
}

async function assertFinite(x: Tensor4D): Promise<void> {
  const values = await x.data();
  let bad = 0;
  for (const value of values) if (!Number.isFinite(value)) bad++;
  if (bad > 0) throw new NonFiniteError(bad, values.length);
}

/** Integrates dx/dt = v(x, t) over the grid from the state x0 [B,H,W,C], with the light model, the heavy
 *  one, or one of them before tau and the other from it on: one state, one grid, no re-noising, no blending.
 *  Deterministic. x0 stays the caller's; `onStep` sees every step.
 *  With `from` or `to`, a stretch of that trajectory, x0 being its state at grid[from]: the same steps by the same models.
 *  A multistep solver begins without history, as it does at a change of model, so a trajectory that is cut there and
 *  one that runs through are the same bit for bit.
 *  Throws CancelledError within one evaluation of the signal, NonFiniteError at the end, GridError,
 *  TauError, StretchError, MissingModelError, ShapeError, and whatever a model or `onStep` throws; after any of them no
 *  tensor of the run is left and every trajectory is ended. Source: method §2. */
export async function sample(x0: Tensor4D, options: SampleOptions): Promise<SampleResult> {
  const { labels, solver, guidance, signal, onStep } = options;
  const whole = evaluationPlan(options);
  const { from = 0, to = whole.steps.length } = options;
  const plan = stretchOf(whole, from, to);
  if (labels.length !== x0.shape[0]) throw new ShapeError("labels and batch", [labels.length], [x0.shape[0]]);
  throwIfCancelled(signal);
  const rule: StepRule = RULES[solver];
  const trajectories = await beginAll(plan, options);
  const trajectoryOf: TrajectoryOf = ({ served }) => {
    throwIfCancelled(signal);
    const trajectory = trajectories[served];
    if (!trajectory) throw new MissingModelError(served);
    return trajectory;
  };
  let x = clone(x0);
  let previous: Previous | null = null;
  try {
    for (const [i, planned] of plan.steps.entries()) {
      const { t, tNext } = planned;
      const served = planned.evaluations[0]?.served ?? "heavy";
      const history: Previous | null = previous?.served === served ? previous : null;
      const stepped: Stepped = await takeStep(rule, x, planned, history, trajectoryOf);
      const start = x;
      x = stepped.x;
      previous?.velocity.dispose();
      previous = { velocity: stepped.velocity, h: tNext - t, served };
      try {
        const report = { step: from + i + 1, of: whole.steps.length, t, tNext, served, x };
        await onStep?.({ ...report, x1Hat: () => x1Hat(start, stepped.velocity, t) });
      } finally {
        start.dispose();
      }
    }
    throwIfCancelled(signal);
    await assertFinite(x);
  } catch (error) {
    x.dispose();
    throw error;
  } finally {
    previous?.velocity.dispose();
    endAll(trajectories);
  }
  return { x1: x, nfe: plan.nfe, passes: (plan.nfe.light + plan.nfe.heavy) * passesPerEvaluation(guidance) };
}
