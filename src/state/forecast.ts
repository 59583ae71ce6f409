import { choiceOf, type ModelText } from "#checkpoints/modelText.ts";
import { uniformGrid } from "#flow/grid.ts";
import { type EvaluationPlan, evaluationPlan, type Served } from "#flow/plan.ts";
import type { Evaluations } from "#workers/protocol.ts";
import type { GenerateSettings } from "./settings.ts";

/** What a trajectory costs, known before it is drawn. */
export interface Forecast {
  /** Which network serves the first evaluation of each solver step. */
  readonly steps: readonly Served[];
  /** Solver steps by the network of their first evaluation. */
  readonly stepCount: Evaluations;
  /** Function evaluations of one image. */
  readonly nfe: Evaluations;
  /** Network passes of one image: two an evaluation when it is guided. */
  readonly passes: number;
}

type Trajectory = Pick<GenerateSettings, "steps" | "solver" | "tau" | "guidance"> & {
  readonly model: ModelText;
};

const planOf = ({ model, solver, steps, tau }: Trajectory): EvaluationPlan =>
  evaluationPlan({ choice: choiceOf(model), solver, tau, grid: uniformGrid(steps) });

/** Guidance 1 is v_c alone: one pass an evaluation instead of two. */
const passesAt = (guidance: number) => (guidance === 1 ? 1 : 2);

const countOf = (served: readonly Served[], wanted: Served) => served.filter((one) => one === wanted).length;

/** Cost of one image under these settings (valid ones: see LIMITS). */
export function forecastOf(trajectory: Trajectory): Forecast {
  const plan = planOf(trajectory);
  const steps = plan.steps.map((step) => step.evaluations[0]?.served ?? "heavy");
  return {
    steps,
    stepCount: { light: countOf(steps, "light"), heavy: countOf(steps, "heavy") },
    nfe: plan.nfe,
    passes: (plan.nfe.light + plan.nfe.heavy) * passesAt(trajectory.guidance),
  };
}
