import type { RunId, RunPlan, RunProgress } from "#runs/run.ts";
import type { Trainable } from "#training/trainable.ts";
import type { DataWords } from "./madeModel.ts";
import type { RunNetwork } from "./runNetwork.ts";

/** A run that is being trained, as others may look at it between two steps. */
export interface LiveRun {
  readonly run: RunId;
  readonly plan: RunPlan;
  /** Of its data set. */
  readonly data: DataWords;
  readonly network: RunNetwork;
  readonly trainable: Trainable;
  progress(): RunProgress;
  /** The average of the trained numbers; may be the run's own. */
  average(): Promise<Float32Array>;
}
