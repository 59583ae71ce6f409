/** Rows in a tile: the lanes of a vector. */
export const LANES = 4;

/** `count` rounded up to whole lanes. */
export const wholeLanes = (count: number): number => Math.ceil(count / LANES) * LANES;

/** Writes `values` [rows,columns], row-major, into tiles [⌈rows/4⌉][width][4] of at least as many columns. The padding stays. */
export function writeTiles(
  values: Float32Array,
  columns: number,
  tiles: Float32Array,
  width = columns,
): void {
  const rows = values.length / columns;
  const whole = rows - (rows % LANES);
  for (let row = 0; row < whole; row += LANES) {
    let to = row * width; // a tile at once, in the order of its memory
    for (let from = row * columns; from < (row + 1) * columns; from++) {
      tiles[to] = values[from];
      tiles[to + 1] = values[from + columns];
      tiles[to + 2] = values[from + 2 * columns];
      tiles[to + 3] = values[from + 3 * columns];
      to += LANES;
    }
  }
  for (let row = whole; row < rows; row++) {
    const start = whole * width + row - whole;
    for (let column = 0; column < columns; column++)
      tiles[start + column * LANES] = values[row * columns + column];
  }
}

/** The first `rows` rows and `columns` columns of tiles of `width` columns, row-major: the inverse of `writeTiles`. */
export function readTiles(tiles: Float32Array, rows: number, columns: number, width = columns): Float32Array {
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = (row - (row % LANES)) * width + (row % LANES);
    for (let column = 0; column < columns; column++)
      values[row * columns + column] = tiles[start + column * LANES];
  }
  return values;
}
