import type { Tensor } from "@tensorflow/tfjs-core";
import { adamWStep } from "./adamW.ts";
import { updateAverage } from "./average.ts";
import { clipGradient, gradientNorm } from "./gradientNorm.ts";
import type { Optimizer, TrainedNumbers } from "./optimizer.ts";
import { type ParameterLayout, partOf } from "./parameters.ts";
import type { Trainable } from "./trainable.ts";

/** AdamW and averages on the host, in float64: the same bits on every backend. Each step uploads the weights and reads the
 *  gradients back. It works in the numbers that it is given. */
export function hostOptimizer(trainable: Trainable, numbers: TrainedNumbers): Optimizer {
  const { layout } = trainable;
  const { weights, first, second, average } = numbers;
  return {
    place: "host",
    begin({ n, rate, clipNorm, averageDecay, ...adamW }) {
      const gradient = new Float32Array(layout.size);
      const network = trainable.load(weights);
      let norm = 0;
      return {
        network,
        add: (gradients) => addGradients(layout, gradients, gradient),
        async norm() {
          norm = gradientNorm(gradient);
          return norm;
        },
        update() {
          clipGradient(gradient, norm, clipNorm);
          adamWStep(weights, gradient, numbers, n, rate, adamW);
          updateAverage(average, weights, averageDecay);
        },
        end: () => network.unload(),
      };
    },
    numbers: async () => ({
      weights: weights.slice(),
      first: first.slice(),
      second: second.slice(),
      average: average.slice(),
    }),
    vector: async (which) => numbers[which],
    dispose: () => {},
  };
}

/** Adds gradients to a flat vector of all of them. */
export async function addGradients(
  { slots }: ParameterLayout,
  gradients: ReadonlyMap<string, Tensor>,
  sum: Float32Array,
): Promise<void> {
  // All asked for before any is awaited: on a GPU the copies then run side by side. All awaited at once: when the device goes
  // away they are refused one and all, and none may go unheard.
  const parts = await Promise.all([...gradients.values()].map((tensor) => tensor.data<"float32">()));
  [...gradients.keys()].forEach((name, i) => {
    const slot = slots.get(name);
    if (!slot) return;
    const own = partOf(sum, slot);
    for (let k = 0; k < own.length; k++) own[k] += parts[i][k];
  });
}
