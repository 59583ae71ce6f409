import { div, slice4d, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { sha256Hex } from "#bytes/sha256.ts";
import type { Family } from "#checkpoints/manifest.ts";
import { type ChosenModels, latentOf } from "#checkpoints/modelChoice.ts";
import { evaluationPlan } from "#flow/plan.ts";
import { toRgba8 } from "#kernels/rgb8.ts";
import { imageSettings } from "./imageSettings.ts";
import { batchOf } from "./latents.ts";
import type { DecodeJob, Picture } from "./protocol.ts";
import { trajectoryOf } from "./sampling.ts";
import { checkDecode } from "./validateJob.ts";
import { sideBySide, type Work, type WorkContext } from "./work.ts";
import { yieldToMessages } from "./yield.ts";

/** Latents to pictures, in order, posted one by one; a job that has to start again goes on where it was. Throws
 *  EngineFailure InvalidJob. */
export function decodeWork(job: DecodeJob, family: Family): Work {
  const { chosen, items } = checkDecode(job, family);
  const pending = new Set(items.keys());

  async function decode(index: number, context: WorkContext): Promise<void> {
    const { id, backend, app, now, post } = context;
    const { latent, cell } = items[index];
    const started = now();
    const x1 = batchOf([latent], latentOf(chosen.autoencoder));
    try {
      const { sha256, ...picture } = await decodeImage(x1, 0, chosen, context);
      const made = { backend: backend.name, app };
      const settings =
        cell &&
        imageSettings(
          cell.how,
          { sha256, nfe: evaluationPlan(trajectoryOf(cell.how, cell.chosen)).nfe },
          family,
          cell.chosen,
          made,
        );
      pending.delete(index);
      post({ type: "decoded", id, index, ...picture, sha256, settings, ms: now() - started }, [picture.rgba]);
    } finally {
      x1.dispose();
    }
  }

  return {
    family,
    parts: [chosen.decoder],
    async run(context) {
      for (const index of pending) {
        context.signal.throwIfAborted();
        await sideBySide(1, context, () => decode(index, context));
        await yieldToMessages();
      }
      return { type: "done", images: items.length };
    },
  };
}

/** The picture of image k of x1 [B,H,W,C], decoded alone, so that its bits cannot depend on the batch: clamped to [−1, 1]
 *  and rounded to bytes. sha256 in hex over its RGB bytes without alpha: what any tool computes from the picture's pixels.
 *  Throws EngineFailure NotLoaded. */
export async function decodeImage(
  x1: Tensor4D,
  k: number,
  { decoder, autoencoder }: Pick<ChosenModels, "decoder" | "autoencoder">,
  { part, backend }: WorkContext,
): Promise<Picture & { readonly sha256: string }> {
  const network = part(decoder);
  const [, latentHeight, latentWidth, channels] = x1.shape;
  const image = tidy(() => {
    const latent = slice4d(x1, [k, 0, 0, 0], [1, latentHeight, latentWidth, channels]);
    return network.decode(div(latent, autoencoder.config.scale_factor));
  });
  try {
    const [, height, width] = image.shape;
    const rgba = toRgba8(await image.data<"float32">());
    await backend.settle();
    return { width, height, rgba: rgba.buffer, sha256: await sha256OfRgb(rgba) };
  } finally {
    image.dispose();
  }
}

function sha256OfRgb(rgba: Uint8ClampedArray): Promise<string> {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let p = 0, q = 0; q < rgba.length; p += 3, q += 4) rgb.set(rgba.subarray(q, q + 3), p);
  return sha256Hex(rgb);
}
