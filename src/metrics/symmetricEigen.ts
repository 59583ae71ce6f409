/** A = Vᵀ diag(values) V, row i of V being the unit eigenvector of values[i]. Unordered. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** [n, n] in row-major order. */
  readonly vectors: Float64Array;
}

/** A shifted QR step takes two or three rounds an eigenvalue; this many means that the input was not finite. */
const ROUNDS_PER_VALUE = 64;

/** Eigenvalues and eigenvectors of a symmetric matrix A [n, n] (row-major; only its upper triangle is read), by
 *  Householder reflections to tridiagonal form and implicit QR steps with Wilkinson's shift; O(n³), errors of the order
 *  of 1e-16 ‖A‖. Every inner loop runs along a row. Throws RangeError when A is not finite.
 *  Source: Golub & Van Loan 2013, algorithms 8.3.1 to 8.3.3. */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const a = Float64Array.from(matrix);
  const { diagonal, offDiagonal, scales } = tridiagonalise(a, n);
  const vectors = reflectionsTransposed(a, scales, n);
  diagonalise(diagonal, offDiagonal, vectors, n);
  return { values: diagonal, vectors };
}

/** The eigenvalues alone, at a third of the cost. */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  const { diagonal, offDiagonal } = tridiagonalise(Float64Array.from(matrix), n);
  diagonalise(diagonal, offDiagonal, null, n);
  return diagonal;
}

/** Qᵀ A Q = T, tridiagonal, Q = H_0 … H_{n−3} with H_k = I − scales[k] v vᵀ; v is left in row k of `a`, right of the
 *  diagonal. `a` is overwritten; its upper triangle alone is read. */
function tridiagonalise(a: Float64Array, n: number) {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n); // [k] couples k and k + 1
  const scales = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const row = k * n;
    diagonal[k] = a[row + k];
    if (k === n - 1) break;
    let squares = 0;
    for (let j = k + 2; j < n; j++) squares += a[row + j] * a[row + j];
    const head = a[row + k + 1];
    if (squares === 0) {
      offDiagonal[k] = head; // nothing to reflect, which leaves scales[k] = 0
      continue;
    }
    const length = Math.sqrt(head * head + squares);
    offDiagonal[k] = head > 0 ? -length : length; // the sign that does not cancel in the next line
    a[row + k + 1] = head - offDiagonal[k];
    const scale = 1 / (length * (length + Math.abs(head))); // 2 / vᵀv
    scales[k] = scale;
    // w = scale A v, then w −= (scale/2)(wᵀv) v, then A −= v wᵀ + w vᵀ, on the rows and columns after k.
    w.fill(0, k + 1);
    for (let i = k + 1; i < n; i++) {
      const from = i * n;
      const vi = a[row + i];
      let sum = a[from + i] * vi;
      for (let j = i + 1; j < n; j++) {
        sum += a[from + j] * a[row + j];
        w[j] += a[from + j] * vi;
      }
      w[i] += sum;
    }
    let along = 0;
    for (let j = k + 1; j < n; j++) {
      w[j] *= scale;
      along += w[j] * a[row + j];
    }
    along *= scale / 2;
    for (let j = k + 1; j < n; j++) w[j] -= along * a[row + j];
    for (let i = k + 1; i < n; i++) {
      const from = i * n;
      const vi = a[row + i];
      const wi = w[i];
      for (let j = i; j < n; j++) a[from + j] -= vi * w[j] + wi * a[row + j];
    }
  }
  return { diagonal, offDiagonal, scales };
}

/** Qᵀ as rows, from the reflections that `tridiagonalise` left in `a`. */
function reflectionsTransposed(a: Float64Array, scales: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = n - 3; k >= 0; k--) {
    if (scales[k] === 0) continue;
    const v = k * n;
    for (let i = k + 1; i < n; i++) {
      const row = i * n;
      let along = 0;
      for (let j = k + 1; j < n; j++) along += q[row + j] * a[v + j];
      along *= scales[k];
      for (let j = k + 1; j < n; j++) q[row + j] -= along * a[v + j];
    }
  }
  return q;
}

/** Turns the tridiagonal matrix (diagonal d, off-diagonal e) into its eigenvalues, in `d`; the rotations are applied to
 *  the rows of `rows`, if any. */
function diagonalise(d: Float64Array, e: Float64Array, rows: Float64Array | null, n: number): void {
  let norm = 0;
  for (let k = 0; k < n; k++) norm = Math.max(norm, Math.abs(d[k]), Math.abs(e[k]));
  const floor = Number.EPSILON ** 2 * norm; // between two eigenvalues of 0 nothing else would end
  const negligible = (k: number) =>
    Math.abs(e[k]) <= Math.max(Number.EPSILON * (Math.abs(d[k]) + Math.abs(d[k + 1])), floor);
  let rounds = ROUNDS_PER_VALUE * n;
  for (let last = n - 1; last > 0; ) {
    if (negligible(last - 1)) {
      last--;
      continue;
    }
    if (rounds-- === 0) throw new RangeError(`eigenvalues of a ${n}×${n} matrix that is not finite`);
    let first = last - 1;
    while (first > 0 && !negligible(first - 1)) first--;
    qrStep(d, e, rows, first, last, n);
  }
}

/** One implicit QR step on the block first … last: a rotation that the shift asks for, then those that chase the
 *  element it puts beside the tridiagonal down and out. */
function qrStep(
  d: Float64Array,
  e: Float64Array,
  rows: Float64Array | null,
  first: number,
  last: number,
  n: number,
): void {
  // Wilkinson's shift: the eigenvalue of the last 2×2 block that is nearer to its corner.
  const half = (d[last - 1] - d[last]) / 2;
  const edge = e[last - 1];
  const root = Math.sqrt(half * half + edge * edge);
  const shift = d[last] - (edge / (half + (half < 0 ? -root : root))) * edge;
  let x = d[first] - shift;
  let z = e[first];
  for (let k = first; k < last; k++) {
    const length = Math.sqrt(x * x + z * z);
    const c = length === 0 ? 1 : x / length;
    const s = length === 0 ? 0 : z / length;
    if (k > first) e[k - 1] = length;
    const upper = d[k];
    const lower = d[k + 1];
    const between = e[k];
    d[k] = c * c * upper + 2 * c * s * between + s * s * lower;
    d[k + 1] = s * s * upper - 2 * c * s * between + c * c * lower;
    e[k] = c * s * (lower - upper) + (c * c - s * s) * between;
    if (k < last - 1) {
      x = e[k];
      z = s * e[k + 1];
      e[k + 1] *= c;
    }
    if (rows) rotateRows(rows, k * n, (k + 1) * n, n, c, s);
  }
}

function rotateRows(rows: Float64Array, p: number, q: number, n: number, c: number, s: number): void {
  for (let j = 0; j < n; j++) {
    const upper = rows[p + j];
    const lower = rows[q + j];
    rows[p + j] = c * upper + s * lower;
    rows[q + j] = c * lower - s * upper;
  }
}
