import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import { STREAMS, uniforms } from "./uniforms.ts";

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

/** Start state x0 ~ N(0, I) of one seed, in the engine's order (H,W,C). Normal number k is element k of (C,H,W), the
 *  order of method §3, put into the engine's layout here. Throws SeedError. */
export function noiseOf(seed: number | bigint, { channels, height, width }: LatentShape): Float32Array {
  const pixels = height * width;
  const ordered = normals(seed, STREAMS.x0, channels * pixels);
  const values = new Float32Array(channels * pixels);
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < pixels; p++) values[p * channels + c] = ordered[c * pixels + p];
  }
  return values;
}

/** Start states [B,H,W,C]: image b is drawn from `seeds[b]` alone, whatever the batch. The caller disposes the result.
 *  Throws SeedError. */
export function initialNoise(seeds: readonly (number | bigint)[], shape: LatentShape): Tensor4D {
  const { channels, height, width } = shape;
  const size = channels * height * width;
  const values = new Float32Array(seeds.length * size);
  for (const [b, seed] of seeds.entries()) values.set(noiseOf(seed, shape), b * size);
  return tensor4d(values, [seeds.length, height, width, channels]);
}
