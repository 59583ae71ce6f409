import { ScoringError } from "./scoringError.ts";

/** Raw values of N samples at T times, [N,T] row-major; NaN where not computed yet. Plain arrays that can be stored. */
export interface ScoreTables {
  readonly samples: number;
  readonly times: readonly number[];
  /** Mean over noises of ℓ = mean over (C,H,W) of (v − u)². */
  readonly loss: Float64Array;
  /** Mean over noises of ‖∂ℓ/∂θ‖². */
  readonly gradient: Float64Array;
}

/** T of the method. */
export const SCORE_TIMES = 8;

/** The interior points of linspace(0, 1, count + 2). */
export const scoringTimes = (count: number = SCORE_TIMES): number[] =>
  Array.from({ length: count }, (_, k) => (k + 1) / (count + 1));

/** Tables with nothing in them. */
export function emptyTables(samples: number, times: readonly number[] = scoringTimes()): ScoreTables {
  const unknown = () => new Float64Array(samples * times.length).fill(Number.NaN);
  return { samples, times, loss: unknown(), gradient: unknown() };
}

/** Score of each sample [N]: mean over times k of table[i,k] / (mean over all samples of table[·,k]). The mean is the
 *  exact one: a running mean, as in the paper's release, reorders half of the top. Criterion L of the loss table, G of the
 *  gradient table. Throws ScoringError NoMean for a column whose mean is not positive and finite.
 *  Source: method §6. */
export function normalisedScore(
  { samples, times }: Pick<ScoreTables, "samples" | "times">,
  table: Float64Array,
): Float64Array {
  const T = times.length;
  const scores = new Float64Array(samples);
  for (let k = 0; k < T; k++) {
    let mean = 0;
    for (let i = 0; i < samples; i++) mean += table[i * T + k] / samples;
    if (!(mean > 0 && mean < Number.POSITIVE_INFINITY))
      throw new ScoringError({ kind: "NoMean", time: k, mean });
    for (let i = 0; i < samples; i++) scores[i] += table[i * T + k] / mean / T;
  }
  return scores;
}
