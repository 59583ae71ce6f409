import { type LatentShape, noiseLatents } from "#flow/noise.ts";
import { STREAMS } from "#flow/uniforms.ts";

/** M of the method. */
export const SCORE_NOISES = 2;

/** The fixed noises that all samples and times of a scoring share, [M,H,W,C]: noise m holds the normals
 *  m·n … (m+1)·n − 1 of stream 4 of the seed, n = C·H·W. */
export const scoringNoises = (seed: number, shape: LatentShape, count: number = SCORE_NOISES): Float32Array =>
  noiseLatents(seed, STREAMS.scoringNoise, 0, count, shape);
