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
  /** Weights that begin at random; pretrain/ leaves those to PyTorch. */
  initialWeights: 8,
} as const;
export type Stream = (typeof STREAMS)[keyof typeof STREAMS];

/** Numbers `start` … `start + count − 1` of a stream, u = (word + 0.5) / 2³², strictly inside (0,1): number 4i + lane
 *  is word `lane` of philox(counter (i mod 2³², i div 2³², stream, 0), key of the seed). Throws SeedError. */
export function uniforms(seed: number | bigint, stream: number, count: number, start = 0): Float64Array {
  const key = keyOfSeed(seed);
  const values = new Float64Array(count);
  const end = start + count;
  for (let block = Math.floor(start / 4); 4 * block < end; block++) {
    const words = philox4x32([block % TWO_32, Math.floor(block / TWO_32), stream, 0], key);
    for (let number = Math.max(4 * block, start); number < Math.min(4 * block + 4, end); number++) {
      values[number - start] = (words[number - 4 * block] + 0.5) / TWO_32;
    }
  }
  return values;
}

const TWO_32 = 2 ** 32;
