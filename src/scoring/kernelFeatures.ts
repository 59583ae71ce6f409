import { normals } from "#flow/noise.ts";
import { permutation } from "#flow/permutation.ts";
import { STREAMS, uniforms } from "#flow/uniforms.ts";
import { dot, type Matrix, rowOf, rowsAt } from "./matrix.ts";
import { ScoringError } from "./scoringError.ts";

/** Random Fourier features of the method. */
export const KERNEL_FEATURES = 512;
/** The median is taken over the pairs of this many samples at most. */
const MEDIAN_SAMPLES = 2048;
// Where each drawing begins in stream 6; k-means++ has the numbers before.
const PHASES_AT = 2 ** 20;
const MEDIAN_AT = 2 ** 21;
const FREQUENCIES_AT = 2 ** 32;

/** ω and b of a Gaussian kernel's random features. */
export interface Frequencies {
  /** N(0, I)/σ [R,D]. */
  readonly omega: Matrix;
  /** U(0, 2π) [R]. */
  readonly phases: Float64Array;
}

/** ω from normal number 2³² of stream 6 on, row by row, divided by σ; b = 2π·uniforms from number 2²⁰ on. */
export function randomFrequencies(
  dimensions: number,
  sigma: number,
  seed: number,
  count = KERNEL_FEATURES,
): Frequencies {
  const drawn = normals(seed, STREAMS.clustering, count * dimensions, FREQUENCIES_AT);
  return {
    omega: { rows: count, columns: dimensions, values: Float64Array.from(drawn, (value) => value / sigma) },
    phases: uniforms(seed, STREAMS.clustering, count, PHASES_AT).map((u) => 2 * Math.PI * u),
  };
}

/** φ(x) = √(2/R)·cos(ω·x + b) of unit rows [N,D] as [N,R]: ⟨φ(x), φ(y)⟩ ≈ exp(−‖x − y‖²/(2σ²)).
 *  Source: Rahimi and Recht 2007, "Random features for large-scale kernel machines". */
export function fourierFeatures(unit: Matrix, { omega, phases }: Frequencies): Matrix {
  const scale = Math.sqrt(2 / omega.rows);
  const values = new Float64Array(unit.rows * omega.rows);
  for (let i = 0; i < unit.rows; i++) {
    const row = rowOf(unit, i);
    for (let r = 0; r < omega.rows; r++)
      values[i * omega.rows + r] = scale * Math.cos(dot(row, rowOf(omega, r)) + phases[r]);
  }
  return { rows: unit.rows, columns: omega.rows, values };
}

/** σ = √(lower median of ‖x_i − x_j‖² over pairs i < j, halved). Above 2,048 samples: of the first 2,048 of a permutation
 *  from number 2²¹ of stream 6 on. Throws ScoringError NoPairs, FeaturesCoincide. */
export function medianSigma(unit: Matrix, seed: number): number {
  const rows = unit.rows > MEDIAN_SAMPLES ? someRows(unit, seed) : unit;
  const samples = rows.rows;
  if (samples < 2) throw new ScoringError({ kind: "NoPairs", samples });
  const squares = Float64Array.from({ length: samples }, (_, i) => dot(rowOf(rows, i), rowOf(rows, i)));
  const gaps = new Float64Array((samples * (samples - 1)) / 2);
  let pair = 0;
  for (let i = 0; i < samples; i++) {
    for (let j = i + 1; j < samples; j++) {
      gaps[pair++] = squares[i] + squares[j] - 2 * dot(rowOf(rows, i), rowOf(rows, j));
    }
  }
  const median = gaps.sort()[Math.floor((gaps.length - 1) / 2)];
  const sigma = Math.sqrt(Math.max(0, median) / 2);
  if (!(sigma >= 1e-9)) throw new ScoringError({ kind: "FeaturesCoincide", samples });
  return sigma;
}

function someRows(unit: Matrix, seed: number): Matrix {
  const order = permutation(seed, STREAMS.clustering, unit.rows, MEDIAN_AT);
  return rowsAt(unit, order.slice(0, MEDIAN_SAMPLES).sort());
}
