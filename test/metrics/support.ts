import { readFileSync } from "node:fs";
import { STREAMS, uniforms } from "#flow/uniforms.ts";
import type { Estimate } from "#metrics/estimate.ts";
import type { RgbaImage } from "#metrics/rgbaImage.ts";

/** What the same metrics in Python gave for inputs that both languages draw alike: written by
 *  `python3 -m pretrain.tests.metrics.fixture`, which says how inputs come from seeds. */
export const python: {
  readonly pixels: readonly PixelCase[];
  readonly sets: readonly SetCase[];
  readonly pairs: readonly PairCase[];
  readonly attributes: {
    readonly a: readonly number[][];
    readonly b: readonly number[][];
    readonly pairs: readonly number[];
    readonly heads: readonly (readonly [number | null, number])[];
  };
} = JSON.parse(readFileSync(new URL("../fixtures/pretrain/metrics.json", import.meta.url), "utf8"));

export interface PixelCase {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly spread: number;
  readonly smooth: boolean;
  readonly mse: number;
  readonly psnr: number | null;
  readonly ssim: number;
}

export interface SetCase {
  readonly seed: number;
  readonly real: number;
  readonly fake: number;
  readonly size: number;
  readonly scale: number;
  readonly shift: number;
  readonly frechet: number;
  /** By singular values, without roots of eigenvalues. */
  readonly frechet_exact: number;
  readonly kid: number;
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly density: readonly number[];
  readonly coverage: readonly number[];
  readonly memorised: readonly number[];
}

export interface PairCase {
  readonly seed: number;
  readonly sizes: readonly number[];
  readonly size: number;
  readonly classes: number;
  readonly spread: number;
  readonly shuffle_seed: number;
  readonly derangements: readonly number[][];
  readonly s: Estimate;
  readonly s_unrel: Estimate;
  readonly s_norm: Estimate;
  readonly mean: Estimate;
  readonly difference: Estimate;
}

const drawn = (seed: number, count: number): Float64Array => uniforms(seed, STREAMS.x0, count);

/** Rows of u − 0.5. */
export function matrix(seed: number, rows: number, columns: number): Float64Array[] {
  const u = drawn(seed, rows * columns).map((value) => value - 0.5);
  return Array.from({ length: rows }, (_, i) => u.slice(i * columns, (i + 1) * columns));
}

/** The two images of a case. */
export function imagesOf({ seed, width, height, spread, smooth }: PixelCase): [RgbaImage, RgbaImage] {
  const noise = drawn(seed, 3 * width * height);
  const change = drawn(seed + 1, 3 * width * height);
  const first = (x: number, y: number, c: number) =>
    smooth ? (2 * x + 3 * y + 40 * c) % 256 : Math.floor(256 * noise[(y * width + x) * 3 + c]);
  const second = (x: number, y: number, c: number) => {
    const moved = first(x, y, c) + Math.floor(spread * (change[(y * width + x) * 3 + c] - 0.5));
    return Math.max(0, Math.min(255, moved));
  };
  return [picture(width, height, first), picture(width, height, second)];
}

/** The two sets of features of a case. */
export function setsOf({ seed, real, fake, size, scale, shift }: SetCase): [Float64Array[], Float64Array[]] {
  const moved = matrix(seed + 1, fake, size).map((row) => row.map((value) => value * scale + shift));
  return [matrix(seed, real, size), moved];
}

/** Blocks of paired features of a case, and their classes. */
export function blocksOf({ seed, sizes, size, classes, spread }: PairCase) {
  return sizes.map((count, k) => {
    const a = matrix(seed + 2 * k, count, size);
    const change = matrix(seed + 2 * k + 1, count, size);
    const b = a.map((row, i) => row.map((value, j) => value + spread * change[i][j]));
    return { a, b, labels: Array.from({ length: count }, (_, i) => i % classes) };
  });
}

/** An opaque image of the levels that `level` gives for column, row and channel. */
export function picture(
  width: number,
  height: number,
  level: (x: number, y: number, channel: number) => number,
): RgbaImage {
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) rgba[4 * (y * width + x) + c] = level(x, y, c);
    }
  }
  return { width, height, rgba };
}

/** Numbers of an estimate in one list, to be compared. */
export const flat = ({ value, low, high, blocks }: Estimate): number[] => [value, low, high, ...blocks];
