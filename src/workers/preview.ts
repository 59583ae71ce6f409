import type { Family } from "#checkpoints/manifest.ts";
import type { Picture } from "./protocol.ts";

/** x̂1 as a small picture, one pixel a latent pixel z, by the family's fitted linear map: rgb[j] = bias[j] +
 *  Σ_c matrix[j][c] z[c] in [−1, 1]. It costs nothing beside a decode and does not touch the sampler. latent: of the
 *  family's own autoencoder, in the order (H,W,C). */
export function previewOf(
  latent: Float32Array,
  { latent: { height, width }, preview: { matrix, bias } }: Pick<Family, "latent" | "preview">,
): Picture {
  const pixels = height * width;
  const channels = latent.length / pixels;
  const rgba = new Uint8ClampedArray(4 * pixels);
  for (let p = 0; p < pixels; p++) {
    for (let j = 0; j < 3; j++) {
      let value = bias[j];
      for (let c = 0; c < channels; c++) value += matrix[j][c] * latent[p * channels + c];
      rgba[4 * p + j] = (value + 1) * 127.5;
    }
    rgba[4 * p + 3] = 255;
  }
  return { width, height, rgba: rgba.buffer };
}
