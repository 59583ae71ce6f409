import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import { philox4x32 } from "./philox.ts";
import { keyOfSeed } from "./seed.ts";

/** What a random stream is for. Streams of one seed are independent (method §3). */
export const STREAMS = {
  x0: 0,
  trainingNoise: 1,
  trainingTime: 2,
  shuffle: 3,
  scoringNoise: 4,
  augmentation: 5,
  clustering: 6,
  posterior: 7,
} as const;
export type Stream = (typeof STREAMS)[keyof typeof STREAMS];

/** Numbers u = (word + 0.5) / 2³², strictly inside (0,1): number 4i + lane is word `lane` of
 *  philox(counter (i, 0, stream, 0), key of the seed). Throws SeedError. */
export function uniforms(seed: number | bigint, stream: number, count: number): Float64Array {
  const key = keyOfSeed(seed);
  const values = new Float64Array(count);
  for (let block = 0; 4 * block < count; block++) {
    const words = philox4x32([block, 0, stream, 0], key);
    for (let lane = 0; lane < 4 && 4 * block + lane < count; lane++) {
      values[4 * block + lane] = (words[lane] + 0.5) / 2 ** 32;
    }
  }
  return values;
}

/** Standard normals by Box–Muller in float64, stored as float32: from each pair (u, u') of
 *  `uniforms`, r cos a and r sin a with r = √(−2 ln u), a = 2π u'. Number k does not depend on `count`.
 *  Throws SeedError. Source: method §3. */
export function normals(seed: number | bigint, stream: number, count: number): Float32Array {
  const pairs = Math.ceil(count / 2);
  const u = uniforms(seed, stream, 2 * pairs);
  const values = new Float32Array(2 * pairs);
  for (let k = 0; k < 2 * pairs; k += 2) {
    const radius = Math.sqrt(-2 * Math.log(u[k]));
    const angle = 2 * Math.PI * u[k + 1];
    values[k] = radius * Math.cos(angle);
    values[k + 1] = radius * Math.sin(angle);
  }
  return values.subarray(0, count);
}

export interface LatentShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Start states x0 ~ N(0, I), [B,H,W,C]: image b is drawn from `seeds[b]` alone, whatever the batch.
 *  Normal number k is element k of (C,H,W), the order of method §3, put into the engine's layout here.
 *  The caller disposes the result. Throws SeedError. */
export function initialNoise(
  seeds: readonly (number | bigint)[],
  { channels, height, width }: LatentShape,
): Tensor4D {
  const pixels = height * width;
  const values = new Float32Array(seeds.length * pixels * channels);
  seeds.forEach((seed, b) => {
    const image = normals(seed, STREAMS.x0, channels * pixels);
    const start = b * pixels * channels;
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < pixels; p++) values[start + p * channels + c] = image[c * pixels + p];
    }
  });
  return tensor4d(values, [seeds.length, height, width, channels]);
}
