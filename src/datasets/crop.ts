import type { Size } from "#images/limits.ts";

/** A square of a picture, in its pixels. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

export type CropMode = "centre" | "smart";

/** The largest square in the middle; an odd pixel goes to the right or bottom. */
export function centreSquare({ width, height }: Size): Square {
  const side = Math.min(width, height);
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), side };
}

/** How much a square right at the end of the longer side counts against one in the middle: things that matter stand
 *  more often in the middle, so the ends have to show a third more. */
const END_WEIGHT = 0.75;

/** The largest square, moved along the longer side to where most happens: it maximises
 *  E(p) · (1 − (1 − END_WEIGHT) d²), with E the sum of edge energies |∂x luma| + |∂y luma| inside the square and d its
 *  distance from the middle, 0 … 1 at the end; on equal terms the one nearer to the middle wins. A picture without edges is
 *  cropped in the middle. `thumbnail` is the whole picture, opaque, shrunk by any factor: edges are counted there, the
 *  square is one of the picture of size `full`. */
export function smartSquare(thumbnail: Size & { readonly rgba: Uint8Array }, full: Size): Square {
  const centre = centreSquare(full);
  const upright = thumbnail.height > thumbnail.width;
  const energies = edgeEnergies(thumbnail, upright);
  const side = Math.min(thumbnail.width, thumbnail.height);
  const places = energies.length - side; // the last place where the square still fits
  if (places <= 0) return centre;

  const before = new Float64Array(energies.length + 1);
  for (let i = 0; i < energies.length; i++) before[i + 1] = before[i] + energies[i];
  let best = places / 2;
  let bestScore = 0;
  for (const place of fromTheMiddle(places)) {
    const distance = Math.abs(place - places / 2) / (places / 2);
    const score = (before[place + side] - before[place]) * (1 - (1 - END_WEIGHT) * distance ** 2);
    if (score > bestScore) [best, bestScore] = [place, score];
  }
  const room = Math.max(full.width, full.height) - centre.side;
  // Nearer to the middle than the thumbnail can tell.
  const offset = Math.abs(best - places / 2) < 1 ? Math.floor(room / 2) : Math.round((best / places) * room);
  return { ...centre, [upright ? "top" : "left"]: offset };
}

/** 0 … last, those nearest to the middle first. */
function fromTheMiddle(last: number): number[] {
  const places = Array.from({ length: last + 1 }, (_, i) => i);
  return places.sort((a, b) => Math.abs(a - last / 2) - Math.abs(b - last / 2) || a - b);
}

/** Sum of |∂x luma| + |∂y luma| (differences to the next pixel) over each row, or over each column. */
function edgeEnergies(
  { width, height, rgba }: Size & { readonly rgba: Uint8Array },
  byRow: boolean,
): Float64Array {
  const luma = new Float32Array(width * height);
  for (let i = 0; i < luma.length; i++) luma[i] = lumaOf(rgba, 4 * i);
  const energies = new Float64Array(byRow ? height : width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const here = luma[y * width + x];
      const right = x + 1 < width ? Math.abs(luma[y * width + x + 1] - here) : 0;
      const below = y + 1 < height ? Math.abs(luma[(y + 1) * width + x] - here) : 0;
      energies[byRow ? y : x] += right + below;
    }
  return energies;
}

/** Luma of the pixel at byte `at`: Rec. 601 weights on the stored levels. */
export const lumaOf = (pixels: Uint8Array, at: number): number =>
  0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
