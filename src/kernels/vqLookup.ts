/** Index of the nearest codebook row (squared Euclidean distance) of each row of z; z [rows,width], codebook
 *  [codes,width], row-major. An exact tie goes to the lower index. On the host in float64 from differences: the
 *  usual |c|² − 2·z·c would break exact ties by rounding, and backends would not agree. */
export function vqLookup(z: Float32Array, codebook: Float32Array, width: number): Int32Array {
  const [rows, codes] = [z.length / width, codebook.length / width];
  const indices = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let code = 0; code < codes; code++) {
      let distance = 0;
      for (let k = 0; k < width; k++) {
        const difference = (z[row * width + k] ?? 0) - (codebook[code * width + k] ?? 0);
        distance += difference * difference;
      }
      if (distance < nearest) {
        nearest = distance;
        indices[row] = code;
      }
    }
  }
  return indices;
}
