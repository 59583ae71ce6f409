import type { StoredDataset } from "#datasets/dataset.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { DiT } from "#models/ditModel.ts";
import type { RunPlan } from "#runs/run.ts";
import { coarseToFine } from "#training/coarseToFine.ts";
import { DISTILLATION, distillation } from "#training/distillation.ts";
import { flowMatching } from "#training/flowMatching.ts";
import type { Objective } from "#training/objective.ts";
import type { TrainingSet } from "#training/trainingSet.ts";
import type { TrainerContext } from "./context.ts";
import { latentsKey } from "./latents.ts";
import { type DiTEntry, filesKey } from "./networks.ts";
import type { RunNetwork } from "./runNetwork.ts";
import { seamFor } from "./seam.ts";
import { loadTeacher } from "./teacher.ts";

export interface RunObjective {
  readonly objective: Objective;
  /** Releases the teacher. */
  dispose(): void;
}

/** What a plan minimises on a set, with the teacher that it asks on the device. Null when the job is to pause before the seam is
 *  there. No tensor is left then, nor when it throws. */
export async function openObjective(
  { objective }: RunPlan,
  { autoencoder }: RunNetwork,
  teacher: DiTEntry | null,
  config: DiTConfig,
  dataset: StoredDataset,
  set: TrainingSet,
  context: TrainerContext,
): Promise<RunObjective | null> {
  if (objective.kind === "fm" || !teacher) return { objective: flowMatching(config, set), dispose: () => {} };
  const model = await loadTeacher(teacher, config.num_classes, context);
  try {
    if (objective.kind === "distil") {
      const options = { ...DISTILLATION, tMax: objective.tMax };
      return { objective: distillation(config, set, model, options), dispose: () => model.dispose() };
    }
    const opened = await seamObjective(model, objective.tau, set);
    model.dispose();
    return opened;
  } catch (cause) {
    model.dispose();
    throw cause;
  }

  async function seamObjective(
    of: DiT,
    tau: number,
    { latents, kept }: TrainingSet,
  ): Promise<RunObjective | null> {
    if (!teacher) return null;
    const key = `seam ${filesKey(teacher.files)} ${latentsKey(autoencoder)}`;
    const seam = await seamFor(of, dataset, latents, kept, tau, key, context);
    return seam && { objective: coarseToFine(config, set, seam), dispose: () => {} };
  }
}
