import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import { STREAMS, uniforms } from "./uniforms.ts";

/** Standard normals `start` … `start + count − 1` of a stream, by Box–Muller in float64, stored as float32: from each
 *  pair (u, u') of `uniforms`, r cos a and r sin a with r = √(−2 ln u), a = 2π u'. Number k does not depend on `count`
 *  and `start`. Throws SeedError. Source: method §3. */
export function normals(seed: number | bigint, stream: number, count: number, start = 0): Float32Array {
  const skipped = start % 2; // a pair of numbers makes a pair of normals
  const size = 2 * Math.ceil((count + skipped) / 2);
  const u = uniforms(seed, stream, size, start - skipped);
  const values = new Float32Array(size);
  for (let k = 0; k < size; k += 2) {
    const radius = Math.sqrt(-2 * Math.log(u[k]));
    const angle = 2 * Math.PI * u[k + 1];
    values[k] = radius * Math.cos(angle);
    values[k + 1] = radius * Math.sin(angle);
  }
  return values.subarray(skipped, skipped + count);
}

export interface LatentShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Start state x0 ~ N(0, I) of one seed, in the engine's order (H,W,C). Normal number k is element k of (C,H,W), the
 *  order of method §3, put into the engine's layout here. Throws SeedError. */
export const noiseOf = (seed: number | bigint, shape: LatentShape): Float32Array =>
  noiseLatents(seed, STREAMS.x0, 0, 1, shape);

/** Latents `first` … `first + count − 1` of noise, [count,H,W,C] in the engine's order: latent i holds the normals
 *  i·n … (i+1)·n − 1 of the stream as (C,H,W), n = C·H·W. Throws SeedError. */
export function noiseLatents(
  seed: number | bigint,
  stream: number,
  first: number,
  count: number,
  { channels, height, width }: LatentShape,
): Float32Array {
  const pixels = height * width;
  const size = channels * pixels;
  const ordered = normals(seed, stream, count * size, first * size);
  const values = new Float32Array(count * size);
  for (let start = 0; start < values.length; start += size) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < pixels; p++) values[start + p * channels + c] = ordered[start + c * pixels + p];
    }
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
