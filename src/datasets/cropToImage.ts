import { createAreaAverage } from "./averageByArea.ts";
import { type CropMode, centreSquare, type Square, smartSquare } from "./crop.ts";
import type { OpenPicture } from "./openPicture.ts";

/** Pixels that are looked at once: 4 MiB. */
const STRIP_PIXELS = 2 ** 20;
/** Longer side of the thumbnail that edges are counted in: coarse enough to see things rather than their texture. */
const SEEN = 96;

/** The square that becomes the image. */
export const squareOf = (picture: OpenPicture, mode: CropMode): Square =>
  mode === "centre" || picture.width === picture.height
    ? centreSquare(picture)
    : smartSquare(picture.thumbnail(SEEN), picture);

/** The square as an image: RGB, size × size × 3 bytes. Takes a strip of 4 MiB, whatever the picture's size. */
export function cropToImage(picture: OpenPicture, square: Square, size: number): Uint8Array<ArrayBuffer> {
  const { left, top, side } = square;
  const average = createAreaAverage(side, { left: 0, top: 0, side }, size);
  const rows = Math.max(1, Math.floor(STRIP_PIXELS / side));
  for (let y = 0; y < side; y += rows) {
    const height = Math.min(rows, side - y);
    average.push(y, height, picture.strip(left, top + y, side, height));
  }
  return average.finish();
}
