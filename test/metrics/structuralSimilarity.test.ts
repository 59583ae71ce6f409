import { describe, expect, test } from "vitest";
import { MetricError } from "#metrics/metricError.ts";
import type { RgbaImage } from "#metrics/rgbaImage.ts";
import { structuralSimilarity } from "#metrics/structuralSimilarity.ts";
import { imagesOf, picture, python } from "./support.ts";

/** SSIM as Wang et al. write it: weighted moments at each position under a two-dimensional window, centred first. */
function windowByWindow(a: RgbaImage, b: RgbaImage): number {
  const weight = (x: number, y: number) => Math.exp(-((x - 5) ** 2 + (y - 5) ** 2) / (2 * 1.5 ** 2));
  const places = Array.from({ length: 121 }, (_, i) => [i % 11, Math.floor(i / 11)] as const);
  const whole = places.reduce((sum, [x, y]) => sum + weight(x, y), 0);
  const values: number[] = [];
  for (let c = 0; c < 3; c++) {
    for (let top = 0; top + 11 <= a.height; top++) {
      for (let left = 0; left + 11 <= a.width; left++) {
        const at = (image: RgbaImage, x: number, y: number) =>
          image.rgba[4 * ((top + y) * image.width + left + x) + c];
        const mean = (of: (x: number, y: number) => number) =>
          places.reduce((sum, [x, y]) => sum + weight(x, y) * of(x, y), 0) / whole;
        const meanA = mean((x, y) => at(a, x, y));
        const meanB = mean((x, y) => at(b, x, y));
        const varianceA = mean((x, y) => (at(a, x, y) - meanA) ** 2);
        const varianceB = mean((x, y) => (at(b, x, y) - meanB) ** 2);
        const covariance = mean((x, y) => (at(a, x, y) - meanA) * (at(b, x, y) - meanB));
        const c1 = 2.55 ** 2;
        const c2 = 7.65 ** 2;
        values.push(
          ((2 * meanA * meanB + c1) * (2 * covariance + c2)) /
            ((meanA ** 2 + meanB ** 2 + c1) * (varianceA + varianceB + c2)),
        );
      }
    }
  }
  return values.reduce((sum, value) => sum + value) / values.length;
}

describe("SSIM", () => {
  test.each(python.pixels)("equals the Python twin on images of seed $seed", (wanted) => {
    // Moments are differences of numbers up to 255² beside a constant of 58: 1e-16 · 65025 / 58 a position.
    expect(structuralSimilarity(...imagesOf(wanted))).toBeCloseTo(wanted.ssim, 11);
  });

  // 121 products a position and channel: small images will do.
  const small = python.pixels.filter(({ width }) => width < 40);
  test.each(small)("equals moments taken window by window, seed $seed", (wanted) => {
    const [a, b] = imagesOf(wanted);
    expect(structuralSimilarity(a, b)).toBeCloseTo(windowByWindow(a, b), 11);
  });

  test("of two flat images is the luminance term alone", () => {
    const c1 = 2.55 ** 2;
    const want = (2 * 100 * 150 + c1) / (100 ** 2 + 150 ** 2 + c1);
    const flat = (level: number) => picture(12, 13, () => level);
    expect(structuralSimilarity(flat(100), flat(150))).toBeCloseTo(want, 9);
  });

  test("does not depend on which image is the reference, and is 1 for equal ones", () => {
    const [a, b] = imagesOf(python.pixels[1]);
    expect(structuralSimilarity(a, b)).toBeCloseTo(structuralSimilarity(b, a), 14);
    expect(structuralSimilarity(a, a)).toBeCloseTo(1, 12);
  });

  test("an image that is turned by a quarter keeps it: rows and columns are blurred alike", () => {
    const [a, b] = imagesOf(python.pixels[2]);
    const turned = ({ width, height, rgba }: RgbaImage) =>
      picture(height, width, (x, y, c) => rgba[4 * (x * width + y) + c]);
    expect(structuralSimilarity(turned(a), turned(b))).toBeCloseTo(structuralSimilarity(a, b), 12);
  });

  test("an image smaller than the window is refused by name", () => {
    const strip = picture(64, 10, () => 0);
    expect(() => structuralSimilarity(strip, strip)).toThrow(MetricError);
    expect(() => structuralSimilarity(strip, strip)).toThrow("64×10 pixels, the window needs 11×11");
  });
});
