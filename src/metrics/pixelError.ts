import type { Estimate } from "./estimate.ts";
import { MetricError } from "./metricError.ts";
import { assertPaired, type RgbaImage } from "./rgbaImage.ts";

/** Largest difference of two 8-bit levels. */
export const DATA_RANGE = 255;

/** Mean over pixels and RGB of (a − b)², in squared levels of 0..255; exact up to the one division.
 *  Throws MetricError (ImageSizesDiffer, WrongByteCount, TooFewSamples for images without pixels). Source: method §8. */
export function meanSquaredError(a: RgbaImage, b: RgbaImage): number {
  assertPaired(a, b);
  const pixels = a.width * a.height;
  if (pixels === 0)
    throw new MetricError({ kind: "TooFewSamples", metric: "MSE of pixels", samples: 0, needed: 1 });
  let sum = 0; // integers below 2^53 for every image that fits a browser
  for (let i = 0; i < 4 * pixels; i += 4) {
    const red = a.rgba[i] - b.rgba[i];
    const green = a.rgba[i + 1] - b.rgba[i + 1];
    const blue = a.rgba[i + 2] - b.rgba[i + 2];
    sum += red * red + green * green + blue * blue;
  }
  return sum / (3 * pixels);
}

/** PSNR = 10 log₁₀(255² / MSE) in dB; null for an error of 0, whose PSNR is infinite, which JSON cannot say. */
export const peakSignalToNoise = (meanSquared: number): number | null =>
  meanSquared === 0 ? null : 10 * Math.log10(DATA_RANGE ** 2 / meanSquared);

/** PSNR of a mean squared error with its interval: the error's high end is the low end of PSNR. Null when a number of it
 *  is infinite, since some pair or block is equal. */
export function peakSignalToNoiseOf(meanSquared: Estimate): Estimate | null {
  const value = peakSignalToNoise(meanSquared.value);
  const low = peakSignalToNoise(meanSquared.high);
  const high = peakSignalToNoise(meanSquared.low);
  const blocks = meanSquared.blocks.map(peakSignalToNoise).filter((block) => block !== null);
  if (value === null || low === null || high === null || blocks.length < meanSquared.blocks.length)
    return null;
  return { value, low, high, blocks };
}
