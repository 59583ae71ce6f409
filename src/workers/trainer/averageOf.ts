import type { RunId, RunPlan, RunProgress } from "#runs/run.ts";
import type { Trainable } from "#training/trainable.ts";
import type { TrainerContext } from "./context.ts";
import { stored, TrainerFailure } from "./failure.ts";
import { type DataWords, dataWords } from "./madeModel.ts";
import { type RunNetwork, runNetwork, trainableOf } from "./runNetwork.ts";

/** A run's average weights, wherever they are. */
export interface RunAverage {
  readonly plan: RunPlan;
  /** Of its data set; the id for a name where the data set is gone. */
  readonly data: DataWords;
  readonly network: RunNetwork;
  readonly trainable: Trainable;
  readonly values: Float32Array;
  readonly progress: RunProgress;
}

/** Hands `use` a run's average weights: of the moment while it is trained, otherwise of its newest checkpoint, in memory or
 *  storage. They are valid until `use` is done. Throws RunMissing, CheckpointDamaged (also before the first checkpoint), and what
 *  the loading of its base throws. */
export async function withAverage<T>(
  run: RunId,
  context: TrainerContext,
  use: (average: RunAverage) => Promise<T>,
): Promise<T> {
  const { live, unkept } = context.remembered;
  if (live?.run === run) {
    const { plan, data, network, trainable } = live;
    const values = await live.average();
    return use({ plan, data, network, trainable, values, progress: live.progress() });
  }
  const record = unkept.get(run)?.record ?? (await stored(context.runs.get(run)));
  if (!record) throw new TrainerFailure({ kind: "RunMissing", run });
  const checkpoint = unkept.get(run) ?? (await stored(context.runs.checkpoint(run)));
  if (!checkpoint || checkpoint === "damaged") throw new TrainerFailure({ kind: "CheckpointDamaged", run });
  const { plan } = record;
  const network = await runNetwork(plan, context);
  const trainable = trainableOf(await network.load(context), plan);
  const dataset = await context.datasets.open(plan.dataset).catch(() => null);
  try {
    const { progress, state } = checkpoint;
    const data = dataset ? dataWords(dataset.record) : { name: plan.dataset, credit: null };
    return await use({ plan, data, network, trainable, values: state.average, progress });
  } finally {
    trainable.dispose();
  }
}
