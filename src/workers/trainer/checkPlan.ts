import type { DatasetRecord } from "#datasets/dataset.ts";
import type { RunPlan } from "#runs/run.ts";
import { checkTrainOptions } from "#training/trainOptions.ts";
import { GUIDANCE_RANGE, STEPS_RANGE } from "../validateJob.ts";
import { refuse } from "./failure.ts";

/** Most samples of a step. */
export const MAX_BATCH = 1024;
export const MAX_STEPS = 1_000_000;
/** Most pictures of one look. */
export const MAX_PICTURES = 64;

/** Messages cross a thread boundary, so nothing of a plan is trusted: throws InvalidJob naming the first field that is out of its
 *  range, and TrainingError BadOption. What needs the models is checked where they are. */
export function checkPlan(plan: RunPlan): void {
  const { name, mode, objective, options, watch } = plan;
  if (name.trim().length === 0) refuse("name", "A run needs a name.");
  within("steps", plan.steps, [1, MAX_STEPS]);
  checkTrainOptions(options);
  within("batch", options.batch, [1, MAX_BATCH]);
  if (mode.kind === "lora") {
    within("rank", mode.rank, [1, 1024]);
    if (!(mode.alpha > 0 && Number.isFinite(mode.alpha))) refuse("alpha", "alpha must be above 0.");
  }
  const time = objective.kind === "c2f" ? objective.tau : objective.kind === "distil" ? objective.tMax : 1;
  // Inversion ends below t = 1, and the light model needs a stretch before the seam.
  const most = objective.kind === "c2f" ? 0.99 : 1;
  if (!(time >= 0.01 && time <= most))
    refuse("objective", `The switch time ${time} is not from 0.01 to ${most}.`);
  if (objective.kind !== "fm" && plan.target !== "light")
    refuse("objective", "Only a light model is trained for a heavy one.");
  checkPictures(watch);
  within("every", watch.every, [0, MAX_STEPS]);
}

/** Pictures that are asked for, but for their labels. Throws InvalidJob. */
export function checkPictures({ pictures, drawing }: Pick<RunPlan["watch"], "pictures" | "drawing">): void {
  if (pictures.length > MAX_PICTURES)
    refuse("pictures", `At most ${MAX_PICTURES} pictures can be asked for.`);
  for (const { seed } of pictures) within("seed", seed, [0, Number.MAX_SAFE_INTEGER]);
  within("drawing.steps", drawing.steps, STEPS_RANGE);
  const [low, high] = GUIDANCE_RANGE;
  if (!(drawing.guidance >= low && drawing.guidance <= high))
    refuse("drawing.guidance", `The guidance ${drawing.guidance} is not from ${low} to ${high}.`);
}

/** Labels of pictures in a network of `classes` classes. Throws InvalidJob. */
export function checkLabels(pictures: readonly { readonly label: number }[], classes: number): void {
  for (const { label } of pictures) within("label", label, [0, classes - 1]);
}

/** What a plan says of its data set. Throws InvalidJob. */
export function checkSelection({ selection, classes }: RunPlan, record: DatasetRecord): void {
  if (classes.length !== record.classes.length)
    refuse("classes", `The data set has ${record.classes.length} classes, the plan ${classes.length}.`);
  const { kept, heldOut } = selection;
  const bad = [...kept, ...heldOut].find((index) => !(index < record.count));
  if (bad !== undefined) refuse("selection", `There is no image ${bad} in a data set of ${record.count}.`);
  const trained = new Set(kept);
  const both = heldOut.find((index) => trained.has(index));
  if (both !== undefined) refuse("selection", `Image ${both} is both trained on and held out.`);
}

function within(field: string, value: number, [low, high]: readonly [number, number]): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  refuse(field, `${field} is ${value}; it must be a whole number from ${low} to ${high}.`);
}
