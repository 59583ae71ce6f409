import { MetricError } from "./metricError.ts";

/** Vectors of one length, row by row: features of images, or flattened latent states. */
export interface Features {
  /** [count, size] in row-major order. */
  readonly values: Float64Array;
  readonly count: number;
  readonly size: number;
}

/** `vectors` as rows in float64. Throws MetricError: TooFewSamples below `atLeast`, SizesDiffer, NotFinite with the first
 *  bad row. `metric` names the caller in the error. */
export function featuresOf(metric: string, vectors: readonly ArrayLike<number>[], atLeast = 1): Features {
  const count = vectors.length;
  assertEnough(metric, count, atLeast);
  const size = vectors[0]?.length ?? 0;
  const values = new Float64Array(count * size);
  vectors.forEach((vector, row) => {
    if (vector.length !== size)
      throw new MetricError({ kind: "SizesDiffer", metric, first: size, second: vector.length });
    values.set(vector, row * size);
  });
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw new MetricError({ kind: "NotFinite", metric, sample: Math.floor(bad / size) });
  return { values, count, size };
}

/** Row `row` of the features, a view. */
export const rowOf = ({ values, size }: Features, row: number): Float64Array =>
  values.subarray(row * size, (row + 1) * size);

/** Throws MetricError TooFewSamples. */
export function assertEnough(metric: string, samples: number, needed: number): void {
  if (samples < needed) throw new MetricError({ kind: "TooFewSamples", metric, samples, needed });
}

/** Throws MetricError CountsDiffer, for metrics of pairs. */
export function assertSameCount(metric: string, first: number, second: number): void {
  if (first !== second) throw new MetricError({ kind: "CountsDiffer", metric, first, second });
}

/** Throws MetricError SizesDiffer, for metrics of two sets. */
export function assertSameSize(metric: string, a: Features, b: Features): void {
  if (a.size !== b.size)
    throw new MetricError({ kind: "SizesDiffer", metric, first: a.size, second: b.size });
}
