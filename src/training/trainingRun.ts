import { dispose } from "@tensorflow/tfjs-core";
import type { WeightMap } from "#models/weights.ts";
import { adamWStep } from "./adamW.ts";
import { updateAverage, warmedDecay } from "./average.ts";
import { addBatchGradients } from "./batchGradients.ts";
import { stepDraws } from "./draws.ts";
import { clipGradient, gradientNorm } from "./gradientNorm.ts";
import type { Objective } from "./objective.ts";
import { checkRunState, copiedState, freshState, type RunState } from "./runState.ts";
import type { Trainable } from "./trainable.ts";
import { TrainingError } from "./trainingError.ts";
import { checkTrainingSet, type TrainingSet } from "./trainingSet.ts";
import { checkTrainOptions, learningRateAt, type TrainOptions } from "./trainOptions.ts";

/** One optimizer step, after it was made. */
export interface TrainStep {
  /** Steps made so far: 1 after the first. */
  readonly step: number;
  /** What was minimised, before the step. */
  readonly loss: number;
  /** Means of the losses of each part, unweighted. */
  readonly parts: Readonly<Record<string, number>>;
  /** Length of the gradient before it was clipped. */
  readonly gradientNorm: number;
  readonly rate: number;
}

export interface TrainingRun {
  /** Steps made. */
  readonly step: number;
  /** Makes one step. `between` is awaited before each micro-batch, and after the last before anything changes: the place to
   *  let messages in, and to ask the device whether it did what it was told (a buffer that WebGPU could not make leaves zeros).
   *  What it throws gives the step up. A step that is given up, or fails, changes nothing.
   *  Throws TrainingError Diverged for a loss that is not finite. No tensor is left but the run's own. */
  advance(between?: () => void | Promise<void>): Promise<TrainStep>;
  /** A copy of all that a resumed run needs. */
  state(): RunState;
  /** The network's weights, averaged or as trained, under their checkpoint names. */
  weights(which: "average" | "current"): WeightMap;
  /** The trained numbers, averaged or as trained; the run's own, which change with the next step. */
  values(which: "average" | "current"): Float32Array;
  /** Releases the run's tensors. The network that was handed in as a target stays its owner's. */
  dispose(): void;
}

/** A run from its beginning, or from a stored state, bit for bit the unbroken one (on one backend). The objective must be a
 *  fresh one. Throws TrainingError: BadOption, NoSamples, LatentsDoNotFit, LabelOutOfRange, StateDoesNotFit. */
export function trainingRun(
  trainable: Trainable,
  set: TrainingSet,
  objective: Objective,
  options: TrainOptions,
  resumed?: RunState,
): TrainingRun {
  checkTrainOptions(options);
  checkTrainingSet(set, trainable.config);
  const { layout } = trainable;
  if (resumed) checkRunState(resumed, layout, options);
  const state = resumed ? copiedState(resumed) : freshState(trainable.initial(), options);
  if (resumed?.objective) objective.restore?.(resumed.objective);
  const drawOf = stepDraws(options.seed, options.batch, set.kept.length, set.latents.shape);

  return {
    get step() {
      return state.step;
    },
    async advance(between) {
      const step = objective.begin(drawOf(state.step));
      const gradient = new Float32Array(layout.size);
      const tally = new Tally();
      const network = trainable.load(state.weights);
      try {
        for (let from = 0; from < options.batch; from += options.microBatch) {
          await between?.();
          const to = Math.min(from + options.microBatch, options.batch);
          const batch = step.batch(from, to);
          try {
            const wantsVelocity = step.observe !== undefined;
            const { losses, velocity } = await addBatchGradients(
              trainable,
              network,
              batch,
              gradient,
              wantsVelocity,
            );
            tally.add(batch, losses);
            if (velocity) step.observe?.(from, velocity);
          } finally {
            dispose([batch.x, batch.target]);
          }
        }
        await between?.();
      } finally {
        network.unload();
      }
      const norm = gradientNorm(gradient);
      if (!Number.isFinite(tally.loss + norm))
        throw new TrainingError({ kind: "Diverged", step: state.step, loss: tally.loss });
      clipGradient(gradient, norm, options.clipNorm);
      const rate = learningRateAt(options, state.step);
      adamWStep(state.weights, gradient, state, state.step + 1, rate, options);
      updateAverage(state.average, state.weights, warmedDecay(options.emaDecay, state.step));
      step.finish?.();
      state.step++;
      return { step: state.step, loss: tally.loss, parts: tally.means(), gradientNorm: norm, rate };
    },
    state: () => copiedState({ ...state, objective: objective.state }),
    values: (which) => (which === "average" ? state.average : state.weights),
    weights: (which) => trainable.weights(which === "average" ? state.average : state.weights),
    dispose: () => trainable.dispose(),
  };
}

/** Losses of a step. */
class Tally {
  loss = 0;
  readonly #sums = new Map<string, { sum: number; rows: number }>();

  add(
    { weights, parts }: { weights: readonly number[]; parts: readonly string[] },
    losses: ArrayLike<number>,
  ): void {
    parts.forEach((part, row) => {
      this.loss += weights[row] * losses[row];
      const { sum, rows } = this.#sums.get(part) ?? { sum: 0, rows: 0 };
      this.#sums.set(part, { sum: sum + losses[row], rows: rows + 1 });
    });
  }

  means(): Record<string, number> {
    return Object.fromEntries([...this.#sums].map(([part, { sum, rows }]) => [part, sum / rows]));
  }
}
