import type { Words2 } from "./philox.ts";

const TWO_32 = 0x1_0000_0000;

/** A seed is an integer 0 … 2⁵³−1 (method §3): every one is exact in a double, a link and a text field. */
export class SeedError extends RangeError {
  override readonly name = "SeedError";
  constructor(readonly seed: number | bigint) {
    super(`a seed is an integer 0 … ${Number.MAX_SAFE_INTEGER}, not ${seed}`);
  }
}

/** True for an integer 0 … 2⁵³−1. */
export const isSeed = (seed: number | bigint): boolean =>
  typeof seed === "bigint"
    ? seed >= 0n && seed <= BigInt(Number.MAX_SAFE_INTEGER)
    : Number.isSafeInteger(seed) && seed >= 0;

/** Philox key of a seed: (low 32 bits, high 21 bits). By division, since `>>>` reads 32 bits only.
 *  Throws SeedError. */
export function keyOfSeed(seed: number | bigint): Words2 {
  if (!isSeed(seed)) throw new SeedError(seed);
  const exact = Number(seed);
  return [exact % TWO_32, Math.floor(exact / TWO_32)];
}
