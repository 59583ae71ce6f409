/** A fitted linear map from one scaled latent pixel to RGB in [-1,1]:
 *  rgb[j] = bias[j] + Σ_c matrix[j][c] z[c]. It costs nothing beside a decode and does not touch the sampler. */
export interface PreviewMap {
  readonly matrix: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** RGBA bytes of `pixels` latent pixels, opaque. values: [pixels, channels] row-major, the NHWC order
 *  of one image. */
export function previewRgba(
  values: Float32Array,
  pixels: number,
  map: PreviewMap,
): Uint8ClampedArray<ArrayBuffer> {
  const channels = values.length / pixels;
  const rgba = new Uint8ClampedArray(4 * pixels);
  for (let p = 0; p < pixels; p++) {
    for (let j = 0; j < 3; j++) {
      let value = map.bias[j];
      for (let c = 0; c < channels; c++) value += map.matrix[j][c] * values[p * channels + c];
      rgba[4 * p + j] = (value + 1) * 127.5;
    }
    rgba[4 * p + 3] = 255;
  }
  return rgba;
}
