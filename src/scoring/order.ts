/** 0 … n−1 in order of rising (or falling) values; a tie goes to the lower index. */
export function orderOf(values: ArrayLike<number>, largestFirst = false): Uint32Array {
  const indices = new Uint32Array(values.length);
  for (let i = 0; i < indices.length; i++) indices[i] = i;
  return largestFirst
    ? indices.sort((a, b) => values[b] - values[a] || a - b)
    : indices.sort((a, b) => values[a] - values[b] || a - b);
}
