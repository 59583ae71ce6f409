import { uniforms } from "./uniforms.ts";

/** A random order of 0 … count − 1: the places of the numbers `start` … `start + count − 1` of the stream, sorted (ties:
 *  lower first). Throws SeedError. */
export function permutation(seed: number | bigint, stream: number, count: number, start = 0): Uint32Array {
  const keys = uniforms(seed, stream, count, start);
  return Uint32Array.from(keys.keys()).sort((a, b) => keys[a] - keys[b] || a - b);
}
