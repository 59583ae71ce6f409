/** Constants of AdamW. */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Decoupled decay of every trained number, those without a gradient too. */
  readonly weightDecay: number;
}

/** Running means of gradients and of their squares. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** One step, number n = 1, 2, …, in place:
 *    m ← β1·m + (1 − β1)·g,  v ← β2·v + (1 − β2)·g²,
 *    w ← w·(1 − rate·decay) − rate/(1 − β1ⁿ) · m / (√(v/(1 − β2ⁿ)) + eps).
 *  All vectors have one length. On the host in float64, stored as float32: the same bits on every backend, and moments
 *  and averages take no memory on the device. Source: Loshchilov and Hutter 2019, arXiv 1711.05101; golden 08. */
export function adamWStep(
  weights: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments,
  n: number,
  rate: number,
  { beta1, beta2, eps, weightDecay }: AdamWOptions,
): void {
  const kept = 1 - rate * weightDecay;
  const stepSize = rate / (1 - beta1 ** n);
  const rootCorrection = Math.sqrt(1 - beta2 ** n);
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i];
    const m = beta1 * first[i] + (1 - beta1) * g;
    const v = beta2 * second[i] + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    weights[i] = weights[i] * kept - (stepSize * m) / (Math.sqrt(v) / rootCorrection + eps);
  }
}
