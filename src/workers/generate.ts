import { div, memory, slice4d, type Tensor4D } from "@tensorflow/tfjs-core";
import { sha256Hex } from "#bytes/sha256.ts";
import type { Family } from "#checkpoints/manifest.ts";
import { type ChosenModels, latentOf, partsFor } from "#checkpoints/modelChoice.ts";
import { partOf } from "#checkpoints/parts.ts";
import { passesPerEvaluation } from "#flow/field.ts";
import { uniformGrid } from "#flow/grid.ts";
import { initialNoise } from "#flow/noise.ts";
import { type StepReport, sample } from "#flow/sampler.ts";
import { toRgba8 } from "#kernels/rgb8.ts";
import type { OpenedBackend } from "./backends.ts";
import { EngineFailure, isOutOfMemory } from "./errors.ts";
import { imageSettings } from "./imageSettings.ts";
import { previewRgba } from "./preview.ts";
import type { EngineEvent, GenerateJob, JobId } from "./protocol.ts";
import type { Residents } from "./residents.ts";
import { yieldToMessages } from "./yield.ts";

/** Shortest time between two previews of one image: more is not seen, and each is a readback. */
const PREVIEW_INTERVAL_MS = 100;

export interface GenerateContext {
  readonly family: Family;
  /** What the job's `model` means in this family. */
  readonly chosen: ChosenModels;
  readonly residents: Residents;
  readonly backend: OpenedBackend;
  /** Name and version of the program, for the settings that images carry. */
  readonly app: string;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly post: (event: EngineEvent, transfer?: Transferable[]) => void;
  /** Called before each micro-batch; a test makes it throw to see what running out of memory does. */
  readonly beforeBatch: () => void;
}

/** Makes the images of `job` whose indices are in `pending`, in order, and takes each finished index out of it, so
 *  that a job that had to start again goes on where it was. Images are posted one by one as they are ready.
 *  Every tensor is disposed whatever happens. Cancellation is looked at between evaluations: the worst delay
 *  is one network evaluation, or one decode.
 *  Throws EngineFailure NotLoaded | OutOfMemory, CancelledError, and what the backend throws. */
export async function generateImages(
  id: JobId,
  job: GenerateJob,
  pending: Set<number>,
  context: GenerateContext,
): Promise<void> {
  for (const part of partsFor(context.chosen, job)) {
    if (!context.residents[part]) throw new EngineFailure({ kind: "NotLoaded", part });
  }
  const batch = job.batch ?? context.backend.microBatch;
  while (pending.size > 0) {
    const indices = consecutive(pending, batch);
    try {
      context.beforeBatch();
      await generateBatch(id, job, indices, pending, context);
    } catch (cause) {
      if (!isOutOfMemory(cause)) throw cause;
      const suggestedBatch = indices.length > 1 ? Math.floor(indices.length / 2) : null;
      throw new EngineFailure({ kind: "OutOfMemory", batch: indices.length, suggestedBatch });
    }
  }
}

/** The first indices of `pending` that follow each other, at most `batch`. */
function consecutive(pending: ReadonlySet<number>, batch: number): number[] {
  const indices: number[] = [];
  for (const index of pending) {
    if (indices.length === batch || (indices.length > 0 && index !== indices[indices.length - 1] + 1)) break;
    indices.push(index);
  }
  return indices;
}

async function generateBatch(
  id: JobId,
  job: GenerateJob,
  indices: readonly number[],
  pending: Set<number>,
  context: GenerateContext,
): Promise<void> {
  const { family, chosen, residents, backend, app, signal, now, post } = context;
  const images = indices.map((index) => job.images[index]);
  const started = now();
  let stepStarted = started;
  let lastPreview = started;

  const onStep = async (report: StepReport) => {
    await backend.settle();
    const time = now();
    const { step, of, tNext, served } = report;
    post({
      type: "step",
      id,
      first: indices[0],
      count: indices.length,
      step,
      of,
      t: tNext,
      served,
      stepMs: time - stepStarted,
    });
    // The preview map belongs to the latents of the family's own autoencoder.
    if (
      job.previews &&
      chosen.decoder === "decoder" &&
      step < of &&
      time - lastPreview >= PREVIEW_INTERVAL_MS
    ) {
      await postPreviews(id, indices, report, context);
      lastPreview = now();
    }
    await yieldToMessages();
    stepStarted = now();
  };

  const x0 = initialNoise(
    images.map((image) => image.seed),
    latentOf(chosen.autoencoder),
  );
  const { light, heavy } = chosen;
  let x1: Tensor4D | undefined;
  try {
    const result = await sample(x0, {
      models: {
        light: light ? residents[partOf(light)] : undefined,
        heavy: heavy ? residents[partOf(heavy)] : undefined,
      },
      choice: chosen.choice,
      tau: job.tau,
      grid: uniformGrid(job.steps),
      solver: job.solver,
      labels: images.map((image) => image.label),
      guidance: job.guidance,
      signal,
      onStep,
    });
    x1 = result.x1;
    const sampleMs = now() - started;
    for (let k = 0; k < indices.length; k++) {
      signal.throwIfAborted();
      const decodeStarted = now();
      const { rgba, height, width } = await decodeImage(x1, k, context);
      const sha256 = await sha256OfRgb(rgba);
      pending.delete(indices[k]);
      post(
        {
          type: "image",
          id,
          index: indices[k],
          ...images[k],
          width,
          height,
          rgba: rgba.buffer,
          sha256,
          settings: imageSettings(job, images[k], { sha256, nfe: result.nfe }, family, chosen, {
            backend: backend.name,
            app,
          }),
          nfe: result.nfe,
          passes: (result.nfe.light + result.nfe.heavy) * passesPerEvaluation(job.guidance),
          ms: { sample: sampleMs / indices.length, decode: now() - decodeStarted },
          tensors: memory().numTensors,
        },
        [rgba.buffer],
      );
      await yieldToMessages();
    }
  } finally {
    x0.dispose();
    x1?.dispose();
  }
}

/** RGB bytes of image k of x1, decoded alone: decoding is batch-free, so its bits cannot depend on the batch. */
async function decodeImage(x1: Tensor4D, k: number, { chosen, residents, backend }: GenerateContext) {
  const decoder = residents[chosen.decoder];
  if (!decoder) throw new EngineFailure({ kind: "NotLoaded", part: chosen.decoder });
  const [, height, width, channels] = x1.shape;
  const latent = slice4d(x1, [k, 0, 0, 0], [1, height, width, channels]);
  const unscaled = div<Tensor4D>(latent, chosen.autoencoder.config.scale_factor);
  const image = decoder.decode(unscaled);
  try {
    const values = await image.data<"float32">();
    await backend.settle();
    return {
      rgba: toRgba8(values),
      height: image.shape[1],
      width: image.shape[2],
    };
  } finally {
    latent.dispose();
    unscaled.dispose();
    image.dispose();
  }
}

async function postPreviews(
  id: JobId,
  indices: readonly number[],
  report: StepReport,
  { family, post }: GenerateContext,
): Promise<void> {
  const x1Hat = report.x1Hat();
  const [, height, width, channels] = x1Hat.shape;
  const values = await x1Hat.data<"float32">();
  x1Hat.dispose();
  const size = height * width * channels;
  indices.forEach((index, k) => {
    const rgba = previewRgba(values.subarray(k * size, (k + 1) * size), height * width, family.preview);
    post({ type: "preview", id, index, t: report.tNext, width, height, rgba: rgba.buffer }, [rgba.buffer]);
  });
}

/** Hex sha256 over the RGB bytes without alpha: what any tool computes from the picture's pixels. */
function sha256OfRgb(rgba: Uint8ClampedArray): Promise<string> {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let p = 0, q = 0; q < rgba.length; p += 3, q += 4) rgb.set(rgba.subarray(q, q + 3), p);
  return sha256Hex(rgb);
}
