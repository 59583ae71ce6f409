import * as v from "valibot";
import type { VelocityModel } from "#flow/field.ts";
import { guide } from "#flow/guidance.ts";
import { createDiT } from "#models/dit.ts";
import type { DiT } from "#models/ditModel.ts";
import { ditConfig, ruleName, stepIndices, switchTime } from "../configs.ts";
import { inputOf, numbersOf, readConfig, weightsOf } from "../goldenCase.ts";
import { fromStates, toStates } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";
import { recordTrajectory } from "../trajectory.ts";

const schema = v.object({
  config: v.object({
    fine: ditConfig,
    coarse: ditConfig,
    guidance_scale: v.number(),
    guided_channels: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))),
    null_class: v.pipe(v.number(), v.integer(), v.minValue(0)),
    method: ruleName,
    t_split: switchTime,
  }),
  x1hat_steps: stepIndices,
});

/** A model that guides some channels only, by two forward passes: the release's defect, kept for this case. */
const guidingChannels = (model: DiT, nullClass: number, channels: number): VelocityModel => ({
  begin: (times, labels, w) => ({
    velocity(i, x) {
      const t = labels.map(() => times[i] ?? Number.NaN);
      const vCond = model.forward(x, t, labels);
      const vUncond = model.forward(
        x,
        t,
        labels.map(() => nullClass),
      );
      const guided = guide(vUncond, vCond, w, channels);
      vCond.dispose();
      vUncond.dispose();
      return guided;
    },
    end() {},
  }),
});

/** Classifier-free guidance: one evaluation with a time a sample, then trajectories of the heavy model alone and of
 *  both. With all channels guided they go the way of the page, through the model's own `begin`. */
export const guidance: Kind = async ({ golden, compare }) => {
  const { config, x1hat_steps } = readConfig(golden, schema);
  const { guidance_scale: w, guided_channels: channels, null_class: nullClass } = config;
  const fine = createDiT(config.fine, weightsOf(golden, "fine"));
  const coarse = createDiT(config.coarse, weightsOf(golden, "coarse"));
  const x = toStates(inputOf(golden, "x"));
  const labels = numbersOf(golden, "y");
  const times = numbersOf(golden, "t_single");

  const vCond = fine.forward(x, times, labels);
  const vUncond = fine.forward(
    x,
    times,
    labels.map(() => nullClass),
  );
  compare.output("v_cond", await fromStates(vCond));
  compare.output("v_uncond", await fromStates(vUncond));
  compare.output("v_guided", await fromStates(guide(vUncond, vCond, w, channels)));

  const guided = (model: DiT) => (channels === null ? model : guidingChannels(model, nullClass, channels));
  const models = { light: guided(coarse), heavy: guided(fine) };
  const options = { models, solver: config.method, grid: numbersOf(golden, "grid"), labels, guidance: w };
  const alone = await recordTrajectory(x, { ...options, choice: "heavy", tau: 0 });
  compare.output("traj", alone.states);
  compare.output("final", alone.final);
  compare.output("x1hat", alone.x1Hats(x1hat_steps));
  const both = await recordTrajectory(x, { ...options, choice: "c2f", tau: config.t_split });
  compare.output("traj_c2f", both.states);
  compare.output("final_c2f", both.final);
  fine.dispose();
  coarse.dispose();
};
