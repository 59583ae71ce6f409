import type { Family } from "#checkpoints/manifest.ts";
import { type ChosenModels, chooseModels } from "#checkpoints/modelChoice.ts";
import { SOLVER_NAMES } from "#flow/solvers/names.ts";
import { EngineFailure } from "./errors.ts";
import type { GenerateJob } from "./protocol.ts";

/** Most images in one job: a page of 32 × 32. */
export const MAX_IMAGES = 1024;
/** Points of the time grid. */
export const STEPS_RANGE = [2, 1000] as const;
export const GUIDANCE_RANGE = [0, 20] as const;
const MAX_BATCH = 64;

/** The models that a job asks for. Throws EngineFailure InvalidJob naming the first field that is out of its range.
 *  Messages cross a thread boundary and links are typed by hand, so nothing of a job is trusted. */
export function validateJob(job: GenerateJob, family: Family): ChosenModels {
  const refuse = (field: string, detail: string): never => {
    throw new EngineFailure({ kind: "InvalidJob", field, detail });
  };
  const within = (field: string, value: number, [low, high]: readonly [number, number], whole: boolean) => {
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      refuse(
        field,
        `${field} is ${value}; it must be ${whole ? "a whole number " : ""}from ${low} to ${high}.`,
      );
  };
  if (job.images.length < 1 || job.images.length > MAX_IMAGES)
    refuse("images", `${job.images.length} images were asked for; 1 to ${MAX_IMAGES} can be made at once.`);
  for (const { seed, label } of job.images) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      refuse("seed", `The seed ${seed} is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`);
    if (!family.classes.some((c) => c.label === label))
      refuse("label", `The family ${family.name} has no class ${label}.`);
  }
  const chosen = chooseModels(family, job.model);
  if (!chosen.ok) return refuse("model", chosen.error);
  if (!SOLVER_NAMES.includes(job.solver)) refuse("solver", `There is no solver '${job.solver}'.`);
  within("tau", job.tau, [0, 1], false);
  within("steps", job.steps, STEPS_RANGE, true);
  within("guidance", job.guidance, GUIDANCE_RANGE, false);
  if (job.batch !== null) within("batch", job.batch, [1, MAX_BATCH], true);
  return chosen.value;
}
