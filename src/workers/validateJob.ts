import { classesOf } from "#checkpoints/classes.ts";
import type { Family, FeaturePart } from "#checkpoints/manifest.ts";
import { type ChosenModels, chooseModels, latentOf } from "#checkpoints/modelChoice.ts";
import { type EvaluationPlan, evaluationPlan, stretchOf } from "#flow/plan.ts";
import { SOLVER_NAMES } from "#flow/solvers/names.ts";
import { EngineFailure } from "./errors.ts";
import type {
  DecodeJob,
  DescribeJob,
  Drawing,
  GenerateJob,
  ImageRequest,
  IntegrateJob,
  Picture,
} from "./protocol.ts";
import { trajectoryOf } from "./sampling.ts";

/** Messages cross a thread boundary and links are typed by hand, so nothing of a job is trusted. Every function here
 *  throws EngineFailure InvalidJob naming the first field that is out of its range. */

/** Most images in one job: a page of 32 × 32. */
export const MAX_IMAGES = 1024;
/** Points of the time grid. */
export const STEPS_RANGE = [2, 1000] as const;
export const GUIDANCE_RANGE = [0, 20] as const;
const MAX_BATCH = 64;

/** The models that a job asks for. */
export function checkGenerate(job: GenerateJob, family: Family): ChosenModels {
  checkCount("images", job.images.length, MAX_IMAGES);
  const chosen = checkDrawing(job, family);
  for (const image of job.images) checkImage(image, family, chosen);
  if (job.batch !== null) checkWithin("batch", job.batch, [1, MAX_BATCH], true);
  return chosen;
}

/** A stretch as the sampler takes it. */
export interface CheckedStretch {
  readonly chosen: ChosenModels;
  /** Of its own steps. */
  readonly plan: EvaluationPlan;
  /** One a start; null for the seed's noise. */
  readonly latents: readonly (Float32Array | null)[];
}

export function checkIntegrate(job: IntegrateJob, family: Family): CheckedStretch {
  const { from, to, starts, record } = job;
  checkCount("starts", starts.length, MAX_BATCH);
  const chosen = checkDrawing(job, family);
  for (const start of starts) checkImage(start, family, chosen);
  checkWithin("from", from, [0, job.steps - 2], true);
  checkWithin("to", to, [from + 1, job.steps - 1], true);
  for (const step of record) checkWithin("record", step, [from, to - 1], true);
  const latents = starts.map(({ x }) => {
    if (x !== null) return checkLatent("x", x, chosen);
    return from === 0
      ? null
      : refuse("x", `A stretch from step ${from} needs the state that it begins with.`);
  });
  return { chosen, plan: stretchOf(evaluationPlan(trajectoryOf(job, chosen)), from, to), latents };
}

export interface CheckedLatents {
  /** Of the model in whose latents they are. */
  readonly chosen: ChosenModels;
  readonly items: readonly {
    readonly latent: Float32Array;
    readonly cell: { readonly how: Drawing & ImageRequest; readonly chosen: ChosenModels } | null;
  }[];
}

export function checkDecode(job: DecodeJob, family: Family): CheckedLatents {
  checkCount("items", job.items.length, MAX_IMAGES);
  const chosen = checkModel(job.model, family);
  const items = job.items.map(({ latent, cell }) => ({
    latent: checkLatent("latent", latent, chosen),
    cell: cell && { how: cell, chosen: checkCell(cell, family, job.model, chosen) },
  }));
  return { chosen, items };
}

function checkCell(cell: Drawing & ImageRequest, family: Family, model: string, { decoder }: ChosenModels) {
  const chosen = checkDrawing(cell, family);
  checkImage(cell, family, chosen);
  if (chosen.decoder !== decoder)
    refuse("cell", `${cell.model} does not draw in the latents of ${model}, which are to be decoded.`);
  return chosen;
}

/** The networks that are to look, each once. */
export function checkDescribe({ images, networks }: DescribeJob, family: Family): ReadonlySet<FeaturePart> {
  checkCount("images", images.length, MAX_IMAGES);
  checkCount("networks", networks.length, 2);
  for (const name of networks) {
    const network = family.features?.[name];
    if (!network) refuse("networks", `The family ${family.name} has no ${name} network.`);
    for (const image of images) checkPicture(image, network.config.image_size);
  }
  for (const { label } of images) if (label !== null) checkLabel(label, family.classes.length, family);
  return new Set(networks);
}

function checkPicture({ rgba, width, height }: Picture, side: number): void {
  const shown = `${width} × ${height} pixels`;
  if (width !== height || !(width >= side) || width % side !== 0)
    refuse("images", `A picture has ${shown}; the network reads squares of ${side} or a multiple.`);
  if (rgba.byteLength !== 4 * width * height)
    refuse(
      "images",
      `A picture of ${shown} has ${4 * width * height} bytes of RGBA, not ${rgba.byteLength}.`,
    );
}

function checkDrawing(how: Drawing, family: Family): ChosenModels {
  const chosen = checkModel(how.model, family);
  if (!SOLVER_NAMES.includes(how.solver)) refuse("solver", `There is no solver '${how.solver}'.`);
  checkWithin("tau", how.tau, [0, 1], false);
  checkWithin("steps", how.steps, STEPS_RANGE, true);
  checkWithin("guidance", how.guidance, GUIDANCE_RANGE, false);
  return chosen;
}

function checkModel(model: string, family: Family): ChosenModels {
  const chosen = chooseModels(family, model);
  return chosen.ok ? chosen.value : refuse("model", chosen.error);
}

function checkImage({ seed, label }: ImageRequest, family: Family, { light, heavy }: ChosenModels): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    refuse("seed", `The seed ${seed} is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`);
  checkLabel(label, classesOf(family, [light, heavy]).length, family);
}

function checkLabel(label: number, classes: number, { name }: Family): void {
  if (!Number.isInteger(label) || label < 0 || label >= classes)
    refuse("label", `The family ${name} has no class ${label}.`);
}

/** The values of a latent, which are the buffer's own bytes. */
function checkLatent(field: string, bytes: ArrayBuffer, { autoencoder }: ChosenModels): Float32Array {
  const { channels, height, width } = latentOf(autoencoder);
  const wanted = 4 * channels * height * width;
  if (bytes.byteLength !== wanted)
    refuse(
      field,
      `A latent has ${bytes.byteLength} bytes; ${height} × ${width} × ${channels} f32 are ${wanted}.`,
    );
  const values = new Float32Array(bytes);
  const bad = values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  if (bad > 0) refuse(field, `${bad} of ${values.length} values of a latent are not finite.`);
  return values;
}

function checkCount(field: string, count: number, most: number): void {
  if (count < 1 || count > most)
    refuse(field, `${count} ${field} were asked for; 1 to ${most} can be served at once.`);
}

function checkWithin(
  field: string,
  value: number,
  [low, high]: readonly [number, number],
  whole: boolean,
): void {
  if (value >= low && value <= high && (!whole || Number.isInteger(value))) return;
  refuse(field, `${field} is ${value}; it must be ${whole ? "a whole number " : ""}from ${low} to ${high}.`);
}

function refuse(field: string, detail: string): never {
  throw new EngineFailure({ kind: "InvalidJob", field, detail });
}
