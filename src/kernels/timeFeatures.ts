/** The DiT's sinusoid of a time, [cos(t·f_k) | sin(t·f_k)], f_k = 10000^(−k/(width/2)), k = 0 … width/2−1; t is
 *  not scaled. Returns [times,width], row-major. Computed on the host in float64 and rounded once: the same bits
 *  on every backend. Source: the official DiT, `TimestepEmbedder`. */
export function ditTimeFeatures(times: readonly number[], width = 256): Float32Array {
  const half = width / 2;
  return sinusoid(times, (k) => 10000 ** (-k / half), half, "cosFirst");
}

/** The U-Net's sinusoid of a time, [sin(t·f_k) | cos(t·f_k)], f_k = 10000^(−k/(width/2 − 1)): both 1 and 1e-4 are
 *  among the frequencies. Returns [times,width], row-major, rounded once from float64. */
export function unetTimeFeatures(times: readonly number[], width = 128): Float32Array {
  const half = width / 2;
  return sinusoid(times, (k) => 10000 ** (-k / (half - 1)), half, "sinFirst");
}

function sinusoid(
  times: readonly number[],
  frequency: (k: number) => number,
  half: number,
  order: "cosFirst" | "sinFirst",
): Float32Array {
  const [first, second] = order === "cosFirst" ? [Math.cos, Math.sin] : [Math.sin, Math.cos];
  const features = new Float32Array(times.length * 2 * half);
  times.forEach((t, row) => {
    for (let k = 0; k < half; k++) {
      const angle = t * frequency(k);
      features[row * 2 * half + k] = first(angle);
      features[row * 2 * half + half + k] = second(angle);
    }
  });
  return features;
}
