import { dispose } from "@tensorflow/tfjs-core";
import type { WeightMap } from "#models/weights.ts";
import { warmedDecay } from "./average.ts";
import { batchGradients } from "./batchGradients.ts";
import { deviceOptimizer } from "./deviceOptimizer.ts";
import { stepDraws } from "./draws.ts";
import { hostOptimizer } from "./hostOptimizer.ts";
import type { Objective } from "./objective.ts";
import { checkRunState, copiedObjective, copiedState, freshState, type RunState } from "./runState.ts";
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
  /** Where weights, moments and averages are: a device that goes away takes the steps since the last `state` with it. */
  readonly optimizer: "host" | "device";
  /** Steps made. */
  readonly step: number;
  /** Makes one step. `between` is awaited before each micro-batch, and after the last before anything changes: the place to
   *  let messages in, and to ask the device whether it did what it was told (a buffer that WebGPU could not make leaves zeros).
   *  What it throws gives the step up. A step that is given up, or fails, changes nothing.
   *  Throws TrainingError Diverged for a loss that is not finite. No tensor is left but the run's own. */
  advance(between?: () => void | Promise<void>): Promise<TrainStep>;
  /** A copy of all that a resumed run needs, as it is at the call. Rejects where it is on a device that has gone away, or has no
   *  memory for the copy. */
  state(): Promise<RunState>;
  /** The network's weights, averaged or as trained, under their checkpoint names. Rejects as `state` does. */
  weights(which: "average" | "current"): Promise<WeightMap>;
  /** The trained numbers, averaged or as trained; may be the run's own, which change with the next step. Rejects as `state` does. */
  values(which: "average" | "current"): Promise<Float32Array>;
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
  if (resumed) checkRunState(resumed, trainable.layout, options);
  const start = resumed ? copiedState(resumed) : freshState(trainable.initial(), options);
  if (resumed?.objective) objective.restore?.(resumed.objective);
  const drawOf = stepDraws(options.seed, options.batch, set.kept.length, set.latents.shape);
  const optimizer = deviceOptimizer(trainable, start) ?? hostOptimizer(trainable, start);
  let made = start.step;

  return {
    optimizer: optimizer.place,
    get step() {
      return made;
    },
    async advance(between) {
      const step = objective.begin(drawOf(made));
      const tally = new Tally();
      const rate = learningRateAt(options, made);
      const averageDecay = warmedDecay(options.emaDecay, made);
      const moving = optimizer.begin({ ...options, n: made + 1, rate, averageDecay });
      try {
        for (let from = 0; from < options.batch; from += options.microBatch) {
          await between?.();
          const to = Math.min(from + options.microBatch, options.batch);
          const batch = step.batch(from, to);
          try {
            const { losses, velocity } = await batchGradients(
              trainable,
              moving.network,
              batch,
              moving.add,
              step.observe !== undefined,
            );
            tally.add(batch, losses);
            if (velocity) step.observe?.(from, velocity);
          } finally {
            dispose([batch.x, batch.target]);
          }
        }
        // The device is asked about the norm too before anything changes.
        const [norm] = await Promise.all([moving.norm(), Promise.resolve().then(between)]);
        if (!Number.isFinite(tally.loss + norm))
          throw new TrainingError({ kind: "Diverged", step: made, loss: tally.loss });
        moving.update();
        step.finish?.();
        made++;
        return { step: made, loss: tally.loss, parts: tally.means(), gradientNorm: norm, rate };
      } finally {
        moving.end();
      }
    },
    async state() {
      const { seed, batch } = options;
      const [step, kept] = [made, objective.state]; // of the call, as the numbers are
      return { step, seed, batch, ...(await optimizer.numbers()), objective: kept && copiedObjective(kept) };
    },
    values: (which) => optimizer.vector(VECTORS[which]),
    weights: async (which) => trainable.weights(await optimizer.vector(VECTORS[which])),
    dispose() {
      optimizer.dispose();
      trainable.dispose();
    },
  };
}

const VECTORS = { average: "average", current: "weights" } as const;

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
