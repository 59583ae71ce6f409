import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import type { LatentShape } from "#flow/noise.ts";

/** Values of every image of a batch [B,H,W,C], in that order, each in a buffer of its own. The batch stays the
 *  caller's. */
export async function readLatents(batch: Tensor4D): Promise<Float32Array<ArrayBuffer>[]> {
  const values = await batch.data<"float32">();
  const size = values.length / batch.shape[0];
  return Array.from({ length: batch.shape[0] }, (_, k) => values.slice(k * size, (k + 1) * size));
}

/** The way back: one latent an image, in the order (H,W,C), as a batch [B,H,W,C]. The caller disposes it. */
export function batchOf(
  latents: readonly Float32Array[],
  { height, width, channels }: LatentShape,
): Tensor4D {
  const size = height * width * channels;
  const values = new Float32Array(latents.length * size);
  for (const [k, latent] of latents.entries()) values.set(latent, k * size);
  return tensor4d(values, [latents.length, height, width, channels]);
}
