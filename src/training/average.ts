/** Decay of update number n = 0, 1, …: min(decay, (1 + n)/(10 + n)). Without the warming, 200 steps at 0.9999 would keep
 *  98 % of the start. Source: method §1. */
export const warmedDecay = (decay: number, n: number): number => Math.min(decay, (1 + n) / (10 + n));

/** average ← decay·average + (1 − decay)·weights, in place. */
export function updateAverage(average: Float32Array, weights: Float32Array, decay: number): void {
  for (let i = 0; i < average.length; i++) average[i] = decay * average[i] + (1 - decay) * weights[i];
}
