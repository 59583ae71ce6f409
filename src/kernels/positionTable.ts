/** The fixed 2-D position table of the DiT for a grid×grid square of tokens: the first half of the channels encodes
 *  the COLUMN, the second half the row, each as [sin(p·f_k) | cos(p·f_k)], f_k = 10000^(−k/(width/4)). Returns
 *  [grid²,width], row-major, rounded once from float64. `width` must be a multiple of 4.
 *  Source: the official DiT, `get_2d_sincos_pos_embed` (width goes first). */
export function positionTable(width: number, grid: number): Float32Array {
  const quarter = width / 4;
  const table = new Float32Array(grid * grid * width);
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const start = (row * grid + column) * width;
      for (let k = 0; k < quarter; k++) {
        const frequency = 10000 ** (-k / quarter);
        table[start + k] = Math.sin(column * frequency);
        table[start + quarter + k] = Math.cos(column * frequency);
        table[start + 2 * quarter + k] = Math.sin(row * frequency);
        table[start + 3 * quarter + k] = Math.cos(row * frequency);
      }
    }
  }
  return table;
}
