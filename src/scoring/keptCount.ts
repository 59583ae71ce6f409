import { ScoringError } from "./scoringError.ts";

/** Added before rounding down, so that 24 · (1 − 0.9) is not 2.3999…: 1 − 0.9 has no exact double. */
const ROUNDING = 1e-9;

/** max(1, ⌊n·(1 − ratio) + 1e-9⌋): how many of n samples a pruning ratio leaves. Throws ScoringError BadRatio,
 *  NoSamples. Source: method §6. */
export function keptCount(samples: number, ratio: number): number {
  requireRatio(ratio);
  if (samples < 1) throw new ScoringError({ kind: "NoSamples" });
  return Math.max(1, Math.floor(samples * (1 - ratio) + ROUNDING));
}

/** ⌊n_k·(1 − ratio) + 1e-9⌋ of each cluster, as the paper has it for C_p: the sum may fall a little short of
 *  `keptCount`. Throws ScoringError BadRatio. */
export function proportionalQuota(sizes: ArrayLike<number>, ratio: number): Uint32Array {
  requireRatio(ratio);
  return Uint32Array.from(sizes, (size) => Math.floor(size * (1 - ratio) + ROUNDING));
}

function requireRatio(ratio: number): void {
  if (!(ratio >= 0 && ratio <= 1)) throw new ScoringError({ kind: "BadRatio", ratio });
}
