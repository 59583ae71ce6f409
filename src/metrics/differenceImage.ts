import { magma } from "./colourScale.ts";
import { assertPaired, type RgbaImage } from "./rgbaImage.ts";

/** How a difference is coloured: each channel's own, or the largest of the three on the scale of `magma`. */
export type DifferenceColours = "channels" | "magma";

/** Picture of |a − b| with `fullAt` levels (1 … 255) shown at full strength and everything above it clipped.
 *  "channels": each of RGB is min(255, |a − b| · 255 / fullAt). "magma": the scale's colour at
 *  max over RGB of |a − b| / fullAt, so equal pixels are black whatever their colour. Opaque.
 *  Throws MetricError (ImageSizesDiffer, WrongByteCount). */
export function differenceImage(
  a: RgbaImage,
  b: RgbaImage,
  fullAt: number,
  colours: DifferenceColours,
): Uint8ClampedArray<ArrayBuffer> {
  assertPaired(a, b);
  const shown = new Uint8ClampedArray(4 * a.width * a.height);
  const scale = colours === "magma" ? differenceScale(fullAt) : null;
  for (let i = 0; i < shown.length; i += 4) {
    const red = Math.abs(a.rgba[i] - b.rgba[i]);
    const green = Math.abs(a.rgba[i + 1] - b.rgba[i + 1]);
    const blue = Math.abs(a.rgba[i + 2] - b.rgba[i + 2]);
    if (scale) {
      const from = 3 * Math.max(red, green, blue);
      shown[i] = scale[from];
      shown[i + 1] = scale[from + 1];
      shown[i + 2] = scale[from + 2];
    } else {
      shown[i] = (red * 255) / fullAt;
      shown[i + 1] = (green * 255) / fullAt;
      shown[i + 2] = (blue * 255) / fullAt;
    }
    shown[i + 3] = 255;
  }
  return shown;
}

/** Colours of the differences 0 … 255, three bytes each. */
const differenceScale = (fullAt: number): Uint8Array =>
  Uint8Array.from(Array.from({ length: 256 }, (_, level) => magma(level / fullAt)).flat());
