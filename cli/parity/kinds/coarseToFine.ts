import * as v from "valibot";
import { evaluationPlan } from "#flow/plan.ts";
import { createDiT } from "#models/dit.ts";
import { CaseError } from "../caseError.ts";
import { ditConfig, ruleName, stepIndices } from "../configs.ts";
import { inputOf, numbersOf, readConfig, weightsOf } from "../goldenCase.ts";
import { toStates } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";
import { type HostTrajectory, recordTrajectory } from "../trajectory.ts";

const schema = v.object({
  config: v.object({ coarse: ditConfig, fine: ditConfig, method: ruleName }),
  x1hat_steps: stepIndices,
});

/** Light model before tau, heavy from it on, for each switch time that an output's name ends in; and which model
 *  served each evaluation. */
export const coarseToFine: Kind = async ({ golden, compare }) => {
  const { config, x1hat_steps } = readConfig(golden, schema);
  const light = createDiT(config.coarse, weightsOf(golden, "coarse"));
  const heavy = createDiT(config.fine, weightsOf(golden, "fine"));
  const x0 = toStates(inputOf(golden, "x0"));
  const labels = numbersOf(golden, "y");
  const request = { solver: config.method, grid: numbersOf(golden, "grid"), choice: "c2f" } as const;
  const runs = new Map<number, HostTrajectory>();
  for (const output of golden.outputs) {
    const [, name = "", what, switchAt] = /^out\.((traj|final|x1hat|used_fine)_([\d.]+))$/.exec(output) ?? [];
    if (what === undefined) continue;
    const tau = Number(switchAt);
    if (!(tau >= 0 && tau <= 1)) throw new CaseError(`${output} names no switch time`);
    if (what === "used_fine") {
      const evaluations = evaluationPlan({ ...request, tau }).steps.flatMap((step) => step.evaluations);
      const values = Float32Array.from(evaluations, ({ served }) => (served === "heavy" ? 1 : 0));
      compare.output(name, { shape: [values.length], values });
      continue;
    }
    const options = { ...request, tau, models: { light, heavy }, labels, guidance: 1 };
    const run = runs.get(tau) ?? (await recordTrajectory(x0, options));
    runs.set(tau, run);
    compare.output(
      name,
      what === "traj" ? run.states : what === "final" ? run.final : run.x1Hats(x1hat_steps),
    );
  }
  light.dispose();
  heavy.dispose();
};
