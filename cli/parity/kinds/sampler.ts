import type { Tensor4D } from "@tensorflow/tfjs-core";
import * as v from "valibot";
import type { VelocityModel } from "#flow/field.ts";
import { inversionGrid, uniformGrid } from "#flow/grid.ts";
import { RULES, type RuleName } from "#flow/solvers/rules.ts";
import { createDiT } from "#models/dit.ts";
import { analyticField } from "../analyticField.ts";
import { CaseError } from "../caseError.ts";
import { ditConfig, ruleName, stepIndices, switchTime } from "../configs.ts";
import { type GoldenCase, inputOf, numbersOf, readConfig, weightsOf } from "../goldenCase.ts";
import { type HostTensor, reshaped, toStates, toTensor1d, toTensor2d } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";
import { type HostTrajectory, recordTrajectory } from "../trajectory.ts";

const schema = v.object({
  config: v.object({
    model: v.optional(ditConfig),
    omega: v.optional(v.tuple([v.number(), v.number()])),
    method: v.optional(ruleName),
    t_split: v.optional(switchTime),
    inversion_steps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  }),
  x1hat_steps: stepIndices,
});
type Config = v.InferOutput<typeof schema>["config"];

/** What a run starts from; rows of an analytic case are [B,D,1,1] to the engine. */
interface Start {
  readonly model: VelocityModel;
  readonly x0: Tensor4D;
  readonly labels: readonly number[];
  /** The case's own shape of a recorded tensor [...,B,C,H,W]. */
  shapeOf(tensor: HostTensor): HostTensor;
  dispose(): void;
}

function startOf(golden: GoldenCase, config: Config): Start {
  const x0 = inputOf(golden, "x0");
  if (config.model) {
    const model = createDiT(config.model, weightsOf(golden));
    const labels = numbersOf(golden, "y");
    return { model, x0: toStates(x0), labels, shapeOf: (tensor) => tensor, dispose: () => model.dispose() };
  }
  if (!config.omega) throw new CaseError("the case has neither a model nor an analytic field");
  const model = analyticField(
    config.omega,
    toTensor2d(inputOf(golden, "M")),
    toTensor1d(inputOf(golden, "b")),
  );
  const states = toStates(reshaped(x0, [...x0.shape, 1, 1]));
  const shapeOf = (tensor: HostTensor) => reshaped(tensor, tensor.shape.slice(0, -2));
  return {
    model,
    x0: states,
    labels: Array.from({ length: x0.shape[0] }, () => 0),
    shapeOf,
    dispose() {},
  };
}

/** Splits `<rule>`, `<rule>_<grid>` or `<rule><points>` into a rule and a grid; without a rule the config's
 *  method is meant. */
function runOf(golden: GoldenCase, config: Config, suffix: string): { solver: RuleName; grid: number[] } {
  const names = (Object.keys(RULES) as RuleName[]).sort((a, b) => b.length - a.length); // rk4_38 before rk4
  const solver = names.find((name) => suffix.startsWith(name)) ?? config.method;
  if (!solver) throw new CaseError(`no integration rule is named in "${suffix}"`);
  const rest = suffix.startsWith(solver) ? suffix.slice(solver.length) : suffix;
  if (/^\d+$/.test(rest)) return { solver, grid: uniformGrid(Number(rest)) };
  return { solver, grid: numbersOf(golden, `grid${rest}`) };
}

/** Whole trajectories of one velocity model, or of a closed-form field, by every rule and grid that the names of
 *  the outputs ask for; and the inversion. */
export const sampler: Kind = async ({ golden, compare }) => {
  const { config, x1hat_steps } = readConfig(golden, schema);
  const start = startOf(golden, config);
  const base = {
    models: { heavy: start.model },
    choice: "heavy",
    tau: 0,
    labels: start.labels,
    guidance: 1,
  } as const;
  const runs = new Map<string, HostTrajectory>();
  const run = async (suffix: string): Promise<HostTrajectory> => {
    const known = runs.get(suffix);
    if (known) return known;
    const recorded = await recordTrajectory(start.x0, { ...base, ...runOf(golden, config, suffix) });
    runs.set(suffix, recorded);
    return recorded;
  };
  for (const output of golden.outputs) {
    const name = output.replace(/^out\./, "");
    const [, what, suffix = ""] = /^(traj|final|x1hat|inversion)(?:_(.+))?$/.exec(name) ?? [];
    if (what === "inversion") {
      const { t_split, inversion_steps } = config;
      if (t_split === undefined || inversion_steps === undefined)
        throw new CaseError("the inversion has no t_split");
      const grid = inversionGrid(t_split, inversion_steps);
      const { states } = await recordTrajectory(start.x0, { ...base, solver: "euler", grid });
      compare.output(name, start.shapeOf(states));
    } else if (what !== undefined) {
      const { states, final, x1Hats } = await run(suffix);
      const got = what === "traj" ? states : what === "final" ? final : x1Hats(x1hat_steps);
      compare.output(name, start.shapeOf(got));
    }
  }
  start.dispose();
};
