/** Byte 0 … 255 of an image value v in [−1, 1]: round((v + 1)·127.5), clamped outside; NaN gives 0. */
export const rgb8 = (v: number): number => Math.round(Math.min(255, Math.max(0, (v + 1) * 127.5))) || 0;

/** RGBA bytes, opaque, of an image [H,W,3] of values in about [−1, 1]. */
export function toRgba8(values: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = values.length / 3;
  const rgba = new Uint8ClampedArray(pixels * 4).fill(255);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgba[pixel * 4 + channel] = rgb8(values[pixel * 3 + channel] ?? 0);
    }
  }
  return rgba;
}
