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
