/** Rows of numbers, one a sample, in row-major order. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** `values` [rows,columns] in float64. A copy, unless they are float64 already. */
export const matrixOf = (values: ArrayLike<number>, rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: values instanceof Float64Array ? values : Float64Array.from(values),
});

/** Row `index`, a view. */
export const rowOf = ({ values, columns }: Matrix, index: number): Float64Array =>
  values.subarray(index * columns, (index + 1) * columns);

/** Rows `indices` as a matrix of their own. */
export function rowsAt(matrix: Matrix, indices: ArrayLike<number>): Matrix {
  const { columns } = matrix;
  const values = new Float64Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++) values.set(rowOf(matrix, indices[i]), i * columns);
  return { rows: indices.length, columns, values };
}

/** ⟨a, b⟩, summed in order, so that equal vectors give equal products. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Index of the largest value; a tie goes to the lower one. */
export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
