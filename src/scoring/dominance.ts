import { dispose, matMul, type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { LatentSet } from "#flow/latentSet.ts";
import { permutation } from "#flow/permutation.ts";
import { STREAMS } from "#flow/uniforms.ts";
import { transposed } from "#kernels/transposed.ts";
import type { ScoreProgress } from "./scoreSamples.ts";
import { scoringTimes } from "./scoreTables.ts";

/** Samples whose paths are probed, at most (method §6). */
export const PROBE_SAMPLES = 512;
/** Probes whose [probes,N] tables are held at once. */
const TOGETHER = 64;

export interface DominanceOptions {
  /** [M,H,W,C] (`scoringNoises`). */
  readonly noises: Float32Array;
  /** Of the choice of probes where there are more samples than those. */
  readonly seed: number;
  readonly times?: readonly number[];
  readonly probes?: number;
}

/** D_i [N]: how much the optimal velocity of the finite set, (Σ λ_j x_j − xt)/(1 − t), would change without sample i. At a
 *  probe (xt, t) the change is λ_i/(1 − λ_i)·(x_i − x̄)/(1 − t), x̄ = Σ λ_j x_j, and D_i is the mean of its square over the
 *  probes: points xt of up to 512 samples j ≠ i (the first of a permutation by stream 3 of the seed), at the scoring
 *  times, with the fixed noises. Products run on the device in float32, the rest on the host. Yields after each few
 *  probes. No tensor is left at the end or when it is left early. Source: method §6, §7. */
export async function* dominance(
  { shape, values, labels }: LatentSet,
  { noises, seed, times = scoringTimes(), probes = PROBE_SAMPLES }: DominanceOptions,
): AsyncGenerator<ScoreProgress, Float64Array> {
  const samples = labels.length;
  const size = shape.channels * shape.height * shape.width;
  const set: FiniteSet = { samples, size, values, squares: squaresOf(values, samples, size) };
  const chosen = permutation(seed, STREAMS.shuffle, samples).slice(0, probes);
  const points = [...times].flatMap((t) =>
    Array.from(chosen).flatMap((own) => noiseStarts(noises, size).map((noise): Probe => ({ t, own, noise }))),
  );
  const totals = new Float64Array(samples);
  const data = tensor2d(values, [samples, size]);
  const across = transposed(data);
  try {
    for (let start = 0; start < points.length; start += TOGETHER) {
      const part = points.slice(start, start + TOGETHER);
      await addChanges(totals, set, { data, across }, part, noises);
      yield { done: start + part.length, of: points.length };
    }
  } finally {
    dispose([data, across]);
  }
  const probed = new Set(chosen);
  const perSample = points.length / chosen.length;
  return totals.map((total, i) => total / Math.max(1, perSample * (chosen.length - (probed.has(i) ? 1 : 0))));
}

interface Probe {
  readonly t: number;
  /** The sample whose path it lies on. */
  readonly own: number;
  /** Where its noise begins. */
  readonly noise: number;
}

interface FiniteSet {
  readonly samples: number;
  readonly size: number;
  readonly values: Float32Array;
  /** ‖x_i‖² */
  readonly squares: Float64Array;
}

const noiseStarts = (noises: Float32Array, size: number): number[] =>
  Array.from({ length: noises.length / size }, (_, m) => m * size);

function squaresOf(values: Float32Array, samples: number, size: number): Float64Array {
  return Float64Array.from({ length: samples }, (_, i) => {
    let sum = 0;
    for (let d = i * size; d < (i + 1) * size; d++) sum += values[d] ** 2;
    return sum;
  });
}

/** Adds ‖change of the velocity at a probe without sample i‖² over the probes to totals[i], but for the probes on i's own
 *  path. */
async function addChanges(
  totals: Float64Array,
  set: FiniteSet,
  device: { readonly data: Tensor2D; readonly across: Tensor2D },
  probes: readonly Probe[],
  noises: Float32Array,
): Promise<void> {
  const { samples, size, values, squares } = set;
  const points = new Float32Array(probes.length * size);
  probes.forEach(({ t, own, noise }, p) => {
    for (let d = 0; d < size; d++)
      points[p * size + d] = t * values[own * size + d] + (1 - t) * noises[noise + d];
  });
  const products = await product(points, device.across, probes.length); // xt·x_i
  // λ without their largest, which is kept apart: 1 − λ of the largest then has no cancellation.
  const others = new Float32Array(probes.length * samples);
  const weights = probes.map(({ t }, p) =>
    weightsAt(t, products.subarray(p * samples, (p + 1) * samples), squares, others.subarray(p * samples)),
  );
  const restMeans = await product(others, device.data, probes.length); // Σ λ_j x_j / Σ λ_j over j ≠ top
  const means = restMeans.map((value, place) => {
    const { top, share } = weights[Math.floor(place / size)];
    return share * values[top * size + (place % size)] + (1 - share) * value;
  });
  const meanProducts = await product(means, device.across, probes.length); // x̄·x_i
  probes.forEach(({ t, own }, p) => {
    const { top, share } = weights[p];
    let meanSquare = 0;
    let topGap = 0; // ‖x_top − mean of the others‖²
    for (let d = 0; d < size; d++) {
      meanSquare += means[p * size + d] ** 2;
      topGap += (values[top * size + d] - restMeans[p * size + d]) ** 2;
    }
    for (let i = 0; i < samples; i++) {
      if (i === own) continue;
      const place = p * samples + i;
      const lambda = others[place] * (1 - share);
      // λ/(1 − λ)·(x − x̄) is λ·(x − mean of the others) as well, which is exact where one sample is nearly all of x̄
      const squared =
        i === top
          ? share ** 2 * topGap
          : (lambda / (1 - lambda)) ** 2 * Math.max(0, squares[i] - 2 * meanProducts[place] + meanSquare);
      totals[i] += squared / (1 - t) ** 2;
    }
  });
}

/** Fills `others` with λ_i / Σ_{j ≠ top} λ_j (0 for the top) and gives the sample of largest λ and its λ. */
function weightsAt(
  t: number,
  products: ArrayLike<number>,
  squares: Float64Array,
  others: Float32Array,
): { readonly top: number; readonly share: number } {
  const samples = squares.length;
  // −‖xt − t x_i‖² / (2 (1 − t)²) without what all samples share
  const logit = (i: number) => (t * products[i] - 0.5 * t * t * squares[i]) / (1 - t) ** 2;
  let top = 0;
  for (let i = 1; i < samples; i++) if (logit(i) > logit(top)) top = i;
  let second = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < samples; i++) if (i !== top) second = Math.max(second, logit(i));
  let rest = 0; // relative to the second largest, so that it does not vanish beside the largest
  for (let i = 0; i < samples; i++) if (i !== top) rest += Math.exp(logit(i) - second);
  for (let i = 0; i < samples; i++) others[i] = i === top ? 0 : Math.exp(logit(i) - second) / rest;
  const ratio = rest * Math.exp(second - logit(top)); // (1 − λ)/λ of the largest
  return { top, share: samples === 1 ? 1 : 1 / (1 + ratio) };
}

/** rows·matrix on the device, read back. */
async function product(rows: Float32Array, matrix: Tensor2D, count: number): Promise<Float32Array> {
  const result = tidy(() => matMul(tensor2d(rows, [count, matrix.shape[0]]), matrix));
  const values = Float32Array.from(await result.data());
  result.dispose();
  return values;
}
