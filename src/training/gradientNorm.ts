/** ‖g‖, the L2 norm of a flat gradient, in float64. */
export function gradientNorm(gradient: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += gradient[i] * gradient[i];
  return Math.sqrt(sum);
}

/** Shortens a gradient of length `norm` to `limit`, in place; 0 leaves all gradients as they are. */
export function clipGradient(gradient: Float32Array, norm: number, limit: number): void {
  if (!(limit > 0 && norm > limit)) return;
  const factor = limit / norm;
  for (let i = 0; i < gradient.length; i++) gradient[i] *= factor;
}
