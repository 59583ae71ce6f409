import type { Family } from "#checkpoints/manifest.ts";
import { createDiT } from "#models/dit.ts";
import type { DiT } from "#models/ditModel.ts";
import type { RunObjective } from "#runs/run.ts";
import { checkTeacher, classNames, withClasses } from "./classes.ts";
import type { TrainerContext } from "./context.ts";
import { refuse } from "./failure.ts";
import { type DiTEntry, ditEntry, ditWeights } from "./networks.ts";

/** The frozen model that an objective asks, or null where it asks none: checked to draw in the same latents and to call the same
 *  classes the same. Throws ModelMissing, NotTrainable, TeacherClassesDiffer, InvalidJob. */
export function teacherEntry(
  family: Family,
  objective: RunObjective,
  autoencoder: string | undefined,
  names: readonly string[],
): DiTEntry | null {
  if (objective.kind === "fm") return null;
  const entry = ditEntry(family, objective.teacher);
  if (entry.autoencoder !== autoencoder)
    refuse("objective", `${entry.name} draws in the latents of another autoencoder than the trained model.`);
  checkTeacher(entry.name, classNames(family, entry), names);
  return entry;
}

/** The teacher on the device, with a row for each of `classes` labels; those that it does not know are to it as no class.
 *  The caller disposes it. */
export async function loadTeacher(entry: DiTEntry, classes: number, context: TrainerContext): Promise<DiT> {
  const { config, weights } = withClasses(
    { config: entry.config, weights: await ditWeights(entry, context) },
    classes,
  );
  return createDiT(config, weights);
}
