import { effectiveSamples, gaussianFlow, optimalVelocity, optimalWeights } from "#flow/closedForm.ts";
import { inputOf, numbersOf } from "../goldenCase.ts";
import { fromTensor, type HostTensor, stacked, toTensor1d, toTensor2d } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";

/** Optimal velocity of a finite data set, and the flow of Gaussian data. */
export const closedForm: Kind = async ({ golden, compare }) => {
  const data = toTensor2d(inputOf(golden, "data"));
  const x = toTensor2d(inputOf(golden, "x"));
  const t = toTensor1d(inputOf(golden, "t"));
  const weights = optimalWeights(data, x, t);
  compare.output("optimal_weights", await fromTensor(weights));
  compare.output("optimal_velocity", await fromTensor(optimalVelocity(weights, data, x, t)));
  compare.output("n_eff", await fromTensor(effectiveSamples(weights)));

  const gaussian = {
    mean: toTensor1d(inputOf(golden, "mu")),
    eigenvectors: toTensor2d(inputOf(golden, "U")),
    eigenvalues: toTensor1d(inputOf(golden, "lambda")),
  };
  const x0 = toTensor2d(inputOf(golden, "x0"));
  const states: HostTensor[] = [];
  const velocities: HostTensor[] = [];
  for (const time of numbersOf(golden, "t_gauss")) {
    const state = gaussianFlow(gaussian, x0, time);
    states.push(await fromTensor(state.x));
    velocities.push(await fromTensor(state.velocity));
  }
  compare.output("gauss_x", stacked(states));
  compare.output("gauss_v", stacked(velocities));
};
