import { Resvg } from "@resvg/resvg-js";
import { RASTER_OPTIONS } from "#datasets/drawn/recipe.ts";

/** RGB, 3 bytes a pixel, row by row, of an SVG drawn on white at `DRAWN_SIZE`². */
export function rasterise(svg: string): Uint8Array {
  const rgba = new Resvg(svg, RASTER_OPTIONS).render().pixels;
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from];
    rgb[to++] = rgba[from + 1];
    rgb[to++] = rgba[from + 2];
  }
  return rgb;
}

/** Means of the k×k squares, k = `from` / `to`, rounded half up: ⌊(Σ + k²/2) / k²⌋ for each channel; for k = 2 that is
 *  (Σ + 2) >> 2. `from` is a multiple of `to`, and k even or 1. */
export function shrink(rgb: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return rgb;
  const k = from / to;
  const area = k * k;
  const small = new Uint8Array(to * to * 3);
  for (let y = 0, at = 0; y < to; y++)
    for (let x = 0; x < to; x++)
      for (let channel = 0; channel < 3; channel++) {
        let sum = area / 2;
        for (let dy = 0; dy < k; dy++)
          for (let dx = 0; dx < k; dx++) sum += rgb[((y * k + dy) * from + x * k + dx) * 3 + channel];
        small[at++] = Math.floor(sum / area);
      }
  return small;
}
