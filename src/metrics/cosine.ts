import { MetricError } from "./metricError.ts";

const METRIC = "cosine";

/** Cosine a·b / (‖a‖ ‖b‖) of two vectors, in [−1, 1]; latents and states are flattened, in any order that both share.
 *  Throws MetricError: SizesDiffer, NotFinite or NoDirection (both with `sample`). */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>, sample = 0): number {
  if (a.length !== b.length)
    throw new MetricError({ kind: "SizesDiffer", metric: METRIC, first: a.length, second: b.length });
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    squaresA += a[i] * a[i];
    squaresB += b[i] * b[i];
  }
  const lengths = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  if (!Number.isFinite(lengths)) throw new MetricError({ kind: "NotFinite", metric: METRIC, sample });
  if (lengths === 0) throw new MetricError({ kind: "NoDirection", metric: METRIC, sample });
  return Math.max(-1, Math.min(1, product / lengths)); // equal vectors may come out one rounding above 1
}

/** [N]: cosines of the pairs (a_i, b_i): of features of the same seeds, or of the states of two trajectories along t.
 *  Throws MetricError (CountsDiffer, SizesDiffer, NotFinite, NoDirection with the pair's index). */
export function pairedCosines(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
): Float64Array {
  if (a.length !== b.length)
    throw new MetricError({ kind: "CountsDiffer", metric: METRIC, first: a.length, second: b.length });
  return Float64Array.from(a, (vector, i) => cosine(vector, b[i], i));
}
