import { MetricError } from "./metricError.ts";
import { DATA_RANGE } from "./pixelError.ts";
import { assertPaired, type RgbaImage } from "./rgbaImage.ts";

/** Side of the window in pixels; the smallest image that SSIM is defined for. */
export const SSIM_WINDOW = 11;
const SIGMA = 1.5;
const C1 = (0.01 * DATA_RANGE) ** 2;
const C2 = (0.03 * DATA_RANGE) ** 2;

/** The one-dimensional factor of the window, g(x) = exp(−x² / 2σ²) over x = −5 … 5, divided by its sum. */
function gaussianWindow(): Float64Array {
  const weights = Float64Array.from({ length: SSIM_WINDOW }, (_, i) =>
    Math.exp(-((i - (SSIM_WINDOW - 1) / 2) ** 2) / (2 * SIGMA ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight);
  return weights.map((weight) => weight / sum);
}
// The window is symmetric: its middle, then the weights of the neighbours at distance 1 … 5.
const [W5, W4, W3, W2, W1, W0] = gaussianWindow();

/** Structural similarity of two images, in [−1, 1], 1 for equal ones:
 *  mean over window positions and RGB of ((2 μa μb + C1)(2 σab + C2)) / ((μa² + μb² + C1)(σa² + σb² + C2)),
 *  C1 = (0.01 · 255)², C2 = (0.03 · 255)², moments under a Gaussian window of 11×11 pixels, σ 1.5, at the positions where
 *  the window lies inside the image.
 *  The window is separable, so each moment is a blur along rows, then along columns, of which eleven rows are kept at a
 *  time; and σa² and σb² occur only as their sum, so four blurs do: of a, b, a² + b² and a b.
 *  Throws MetricError (ImageSizesDiffer, WrongByteCount, ImageTooSmall). Source: Wang et al. 2004, eq. 13; method §8. */
export function structuralSimilarity(a: RgbaImage, b: RgbaImage): number {
  assertPaired(a, b);
  const { width, height } = a;
  if (Math.min(width, height) < SSIM_WINDOW)
    throw new MetricError({ kind: "ImageTooSmall", width, height, needed: SSIM_WINDOW });
  const size = 3 * (width - SSIM_WINDOW + 1); // of a blurred row, RGB interleaved
  const line = { a: new Float64Array(3 * width), b: new Float64Array(3 * width) };
  const squares = new Float64Array(3 * width);
  const products = new Float64Array(3 * width);
  // Blurred along rows: row y lies at (y mod 11) · size.
  const blurA = new Float64Array(SSIM_WINDOW * size);
  const blurB = new Float64Array(SSIM_WINDOW * size);
  const blurSquares = new Float64Array(SSIM_WINDOW * size);
  const blurProducts = new Float64Array(SSIM_WINDOW * size);
  let sum = 0;
  for (let y = 0; y < height; y++) {
    readLine(a.rgba, y, line.a);
    readLine(b.rgba, y, line.b);
    for (let i = 0; i < squares.length; i++) {
      squares[i] = line.a[i] * line.a[i] + line.b[i] * line.b[i];
      products[i] = line.a[i] * line.b[i];
    }
    const start = (y % SSIM_WINDOW) * size;
    blurRow(line.a, blurA, start, size);
    blurRow(line.b, blurB, start, size);
    blurRow(squares, blurSquares, start, size);
    blurRow(products, blurProducts, start, size);
    if (y < SSIM_WINDOW - 1) continue;
    // Starts of the kept rows, oldest first: r5 is the window's middle.
    const row = (k: number) => ((y + 1 + k) % SSIM_WINDOW) * size;
    const [r0, r1, r2, r3, r4, r5] = [row(0), row(1), row(2), row(3), row(4), row(5)];
    const [r6, r7, r8, r9, r10] = [row(6), row(7), row(8), row(9), row(10)];
    const down = (of: Float64Array, i: number): number =>
      W0 * of[r5 + i] +
      W1 * (of[r4 + i] + of[r6 + i]) +
      W2 * (of[r3 + i] + of[r7 + i]) +
      W3 * (of[r2 + i] + of[r8 + i]) +
      W4 * (of[r1 + i] + of[r9 + i]) +
      W5 * (of[r0 + i] + of[r10 + i]);
    for (let i = 0; i < size; i++) {
      const meanA = down(blurA, i);
      const meanB = down(blurB, i);
      const meanProduct = meanA * meanB;
      const meanSquares = meanA * meanA + meanB * meanB;
      const covariance = down(blurProducts, i) - meanProduct;
      const variances = down(blurSquares, i) - meanSquares;
      sum += ((2 * meanProduct + C1) * (2 * covariance + C2)) / ((meanSquares + C1) * (variances + C2));
    }
  }
  return sum / (size * (height - SSIM_WINDOW + 1));
}

/** RGB of row y as numbers. */
function readLine(rgba: Uint8Array | Uint8ClampedArray, y: number, line: Float64Array): void {
  const width = line.length / 3;
  for (let x = 0, from = 4 * y * width; x < width; x++, from += 4) {
    line[3 * x] = rgba[from];
    line[3 * x + 1] = rgba[from + 1];
    line[3 * x + 2] = rgba[from + 2];
  }
}

/** Blur along a row of interleaved RGB: number i of the result is under the window that begins at number i. */
function blurRow(line: Float64Array, into: Float64Array, start: number, size: number): void {
  for (let i = 0; i < size; i++) {
    into[start + i] =
      W0 * line[i + 15] +
      W1 * (line[i + 12] + line[i + 18]) +
      W2 * (line[i + 9] + line[i + 21]) +
      W3 * (line[i + 6] + line[i + 24]) +
      W4 * (line[i + 3] + line[i + 27]) +
      W5 * (line[i] + line[i + 30]);
  }
}
