import type { Tensor4D } from "@tensorflow/tfjs-core";
import { type SampleOptions, sample } from "#flow/sampler.ts";
import { CaseError } from "./caseError.ts";
import { fromStates, type HostTensor, stacked } from "./hostTensor.ts";

/** A whole run on the host. */
export interface HostTrajectory {
  /** All states, the start first: [points,B,C,H,W]. */
  readonly states: HostTensor;
  readonly final: HostTensor;
  /** Data estimates at the start of the steps `indices`, or of every step: [steps,B,C,H,W]. */
  x1Hats(indices: readonly number[] | undefined): HostTensor;
}

/** Runs the sampler and keeps every state and data estimate. */
export async function recordTrajectory(
  x0: Tensor4D,
  options: Omit<SampleOptions, "onStep">,
): Promise<HostTrajectory> {
  const states = [await fromStates(x0)];
  const estimates: HostTensor[] = [];
  const { x1 } = await sample(x0, {
    ...options,
    async onStep({ x, x1Hat }) {
      states.push(await fromStates(x));
      const estimate = x1Hat();
      estimates.push(await fromStates(estimate));
      estimate.dispose();
    },
  });
  const final = await fromStates(x1);
  x1.dispose();
  return {
    states: stacked(states),
    final,
    x1Hats: (indices = estimates.map((_, i) => i)) =>
      stacked(
        indices.map((index) => {
          const estimate = estimates[index];
          if (!estimate) throw new CaseError(`step ${index} of ${estimates.length} has no data estimate`);
          return estimate;
        }),
      ),
  };
}
