/** Place of each value between the smallest and the largest, 0 … 1, by rank: scores of a few outliers would leave no difference
 *  to the rest. */
export function shares(values: Float64Array): (index: number) => number {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  const ranks = new Float32Array(values.length);
  order.forEach((index, place) => {
    ranks[index] = values.length > 1 ? place / (values.length - 1) : 0;
  });
  return (index) => ranks[index];
}
