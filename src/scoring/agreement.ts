import { orderOf } from "./order.ts";
import { ScoringError } from "./scoringError.ts";

/** How far two selections of the same samples agree. */
export interface Agreement {
  /** Samples that both keep. */
  readonly both: number;
  /** |A ∩ B| / |A ∪ B|, 1 for equal selections. */
  readonly jaccard: number;
  /** Cohen's κ of keeping and dropping: 1 for equal selections, 0 for what chance would give, below that for selections
   *  that avoid each other; 1 where both keep all. Source: Cohen 1960. */
  readonly kappa: number;
}

/** Agreement of two selections out of `samples`; a repeated index counts once. */
export function agreement(a: ArrayLike<number>, b: ArrayLike<number>, samples: number): Agreement {
  const [first, second] = [new Set(Array.from(a)), new Set(Array.from(b))];
  let both = 0;
  for (const index of first) if (second.has(index)) both++;
  const either = first.size + second.size - both;
  const observed = (samples - either + both) / samples;
  const [p, q] = [first.size / samples, second.size / samples];
  const expected = p * q + (1 - p) * (1 - q);
  return {
    both,
    jaccard: either === 0 ? 1 : both / either,
    kappa: expected === 1 ? 1 : (observed - expected) / (1 - expected),
  };
}

/** Spearman's ρ of two scores of the same samples, in [−1,1]; equal values share their mean rank. NaN when one of them is
 *  the same for all. Throws ScoringError CountsDiffer. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new ScoringError({ kind: "CountsDiffer", what: "scores", count: b.length, expected: a.length });
  const [x, y] = [centredRanks(a), centredRanks(b)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += x[i] * y[i];
    xx += x[i] * x[i];
    yy += y[i] * y[i];
  }
  return xy / Math.sqrt(xx * yy);
}

/** Ranks less their mean. */
function centredRanks(values: ArrayLike<number>): Float64Array {
  const order = orderOf(values);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let place = start; place < end; place++)
      ranks[order[place]] = (start + end - 1) / 2 - (values.length - 1) / 2;
    start = end;
  }
  return ranks;
}
