import { memory, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Family } from "#checkpoints/manifest.ts";
import { latentOf, partsFor } from "#checkpoints/modelChoice.ts";
import { passesPerEvaluation } from "#flow/field.ts";
import { initialNoise } from "#flow/noise.ts";
import { evaluationPlan } from "#flow/plan.ts";
import { type StepReport, sample } from "#flow/sampler.ts";
import { decodeImage } from "./decode.ts";
import { imageSettings } from "./imageSettings.ts";
import { readLatents } from "./latents.ts";
import { previewOf } from "./preview.ts";
import type { GenerateJob } from "./protocol.ts";
import { modelsFor, stepTeller, trajectoryOf } from "./sampling.ts";
import { checkGenerate } from "./validateJob.ts";
import { sideBySide, type Work, type WorkContext } from "./work.ts";
import { yieldToMessages } from "./yield.ts";

/** Shortest time between two previews of one image: more is not seen, and each is a readback. */
const PREVIEW_INTERVAL_MS = 100;

/** Pictures from noise to pixels, in order, posted one by one as they are ready; a job that has to start again goes on
 *  where it was. Throws EngineFailure InvalidJob. */
export function generateWork(job: GenerateJob, family: Family): Work {
  const chosen = checkGenerate(job, family);
  const trajectory = trajectoryOf(job, chosen);
  const plan = evaluationPlan(trajectory);
  const { nfe } = plan;
  const pending = new Set(job.images.keys());

  /** States at t = 1 of the images at `indices`, [B,H,W,C]. The caller disposes them. */
  async function sampleBatch(indices: readonly number[], context: WorkContext): Promise<Tensor4D> {
    const { now, signal } = context;
    const images = indices.map((index) => job.images[index]);
    let lastPreview = now();
    const preview = async (report: StepReport) => {
      // The preview map belongs to the latents of the family's own autoencoder.
      if (!job.previews || chosen.decoder !== "decoder" || report.step === report.of) return;
      if (now() - lastPreview < PREVIEW_INTERVAL_MS) return;
      await postPreviews(indices, report, context);
      lastPreview = now();
    };
    const seeds = images.map((image) => image.seed);
    const x0 = initialNoise(seeds, latentOf(chosen.autoencoder));
    try {
      const { x1 } = await sample(x0, {
        ...trajectory,
        models: modelsFor(chosen, plan, context),
        labels: images.map((image) => image.label),
        signal,
        onStep: stepTeller(context, { first: indices[0], count: indices.length }, preview),
      });
      return x1;
    } finally {
      x0.dispose();
    }
  }

  async function postPreviews(indices: readonly number[], report: StepReport, { id, post }: WorkContext) {
    const x1Hat = report.x1Hat();
    try {
      const latents = await readLatents(x1Hat);
      indices.forEach((index, k) => {
        const picture = previewOf(latents[k], family);
        post({ type: "preview", id, index, t: report.tNext, ...picture }, [picture.rgba]);
      });
    } finally {
      x1Hat.dispose();
    }
  }

  /** Decodes image k of x1, which is the job's image `index`, and posts it. */
  async function finish(index: number, x1: Tensor4D, k: number, sampleMs: number, context: WorkContext) {
    const { id, backend, app, now, post } = context;
    const started = now();
    const image = job.images[index];
    const { sha256, ...picture } = await decodeImage(x1, k, chosen, context);
    const made = { backend: backend.name, app };
    pending.delete(index);
    post(
      {
        type: "image",
        id,
        index,
        ...image,
        ...picture,
        sha256,
        settings: imageSettings({ ...job, ...image }, { sha256, nfe }, family, chosen, made),
        nfe,
        passes: (nfe.light + nfe.heavy) * passesPerEvaluation(job.guidance),
        ms: { sample: sampleMs, decode: now() - started },
        tensors: memory().numTensors,
      },
      [picture.rgba],
    );
    await yieldToMessages();
  }

  async function generateBatch(indices: readonly number[], context: WorkContext): Promise<void> {
    const { now, signal } = context;
    const started = now();
    const x1 = await sampleBatch(indices, context);
    const sampleMs = (now() - started) / indices.length;
    try {
      for (const [k, index] of indices.entries()) {
        signal.throwIfAborted();
        await finish(index, x1, k, sampleMs, context);
      }
    } finally {
      x1.dispose();
    }
  }

  return {
    family,
    parts: partsFor(chosen, job),
    async run(context) {
      const batch = job.batch ?? context.backend.microBatch;
      while (pending.size > 0) {
        const indices = consecutive(pending, batch);
        await sideBySide(indices.length, context, () => generateBatch(indices, context));
      }
      return { type: "done", images: job.images.length };
    },
  };
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
