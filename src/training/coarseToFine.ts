import { concat, dispose, type Tensor4D } from "@tensorflow/tfjs-core";
import { latentsAt } from "#flow/latentSet.ts";
import { COARSE_T_MIN, SEAM_WEIGHT } from "#flow/losses.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import { pathBatch } from "./flowMatching.ts";
import type { Objective } from "./objective.ts";
import type { Seam } from "./seam.ts";
import type { TrainingSet } from "./trainingSet.ts";

/** The paper's loss for a light model: flow matching on t ~ U(1e-4, tau) + 0.1·‖v(x_tau, tau) − v_heavy(x_tau, tau)‖², the
 *  seam being that of the same samples, under their labels. One pass runs both. Source: method §5. */
export const coarseToFine = (config: DiTConfig, set: TrainingSet, seam: Seam): Objective => ({
  begin: (draw) => ({
    batch(from, to) {
      const path = pathBatch(config, set, draw, [from, to], [COARSE_T_MIN, seam.tau]);
      const indices = Array.from(draw.places.subarray(from, to), (place) => set.kept[place]);
      const states = latentsAt({ ...set.latents, values: seam.states }, indices);
      const velocities = latentsAt({ ...set.latents, values: seam.velocities }, indices);
      const x: Tensor4D = concat([path.x, states], 0);
      const target: Tensor4D = concat([path.target, velocities], 0);
      dispose([path.x, path.target, states, velocities]);
      const share = 1 / draw.places.length;
      return {
        x,
        target,
        times: [...path.times, ...indices.map(() => seam.tau)],
        labels: [...path.labels, ...indices.map((index) => set.latents.labels[index])],
        weights: [...indices.map(() => share), ...indices.map(() => SEAM_WEIGHT * share)],
        parts: [...indices.map(() => "fm"), ...indices.map(() => "seam")],
      };
    },
  }),
});
