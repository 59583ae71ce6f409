/** Σ a_k b_k over `size` numbers of `a` from `i` on and of `b` from `j` on. Four sums run side by side: one alone would
 *  wait for each addition before the next, which costs three times the time. */
export function dot(a: Float64Array, i: number, b: Float64Array, j: number, size: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < size; k += 4) {
    s0 += a[i + k] * b[j + k];
    s1 += a[i + k + 1] * b[j + k + 1];
    s2 += a[i + k + 2] * b[j + k + 2];
    s3 += a[i + k + 3] * b[j + k + 3];
  }
  for (; k < size; k++) s0 += a[i + k] * b[j + k];
  return s0 + s1 + (s2 + s3);
}

/** Σ (a_k − b_k)², likewise. */
export function squaredDistance(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  size: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < size; k += 4) {
    const d0 = a[i + k] - b[j + k];
    const d1 = a[i + k + 1] - b[j + k + 1];
    const d2 = a[i + k + 2] - b[j + k + 2];
    const d3 = a[i + k + 3] - b[j + k + 3];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; k < size; k++) s0 += (a[i + k] - b[j + k]) ** 2;
  return s0 + s1 + (s2 + s3);
}
