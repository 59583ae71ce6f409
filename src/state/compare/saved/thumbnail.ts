import type { Pixels } from "../../pixels.ts";
import type { Comparison } from "../comparison.ts";
import { pictureAt } from "../pictureSettings.ts";

const MOST = { columns: 6, rows: 4 };
const CELL = 32;

/** A small picture of a grid to know it by: the first rows and columns of its first panel, each cell by the mean of the
 *  pixels that fall together; grey where nothing is drawn yet. Null without a grid or a picture. */
export function thumbnailOf(comparison: Comparison): Pixels | null {
  const { grid } = comparison;
  if (!grid?.cells.some((cell) => pictureAt(comparison, cell))) return null;
  const columns = Math.min(MOST.columns, grid.columns);
  const rows = Math.min(MOST.rows, grid.rows);
  const width = columns * CELL;
  const rgba = new Uint8ClampedArray(width * rows * CELL * 4).fill(0xef);
  for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const cell = grid.cells[row * grid.columns + column];
      const picture = cell && pictureAt(comparison, cell);
      if (picture) paint(picture.pixels, rgba, width, column * CELL, row * CELL);
    }
  return { width, height: rows * CELL, rgba };
}

function paint(from: Pixels, into: Uint8ClampedArray, width: number, left: number, top: number): void {
  const span = (at: number, size: number): readonly [number, number] => {
    const first = Math.floor((at * size) / CELL);
    return [first, Math.max(first + 1, Math.floor(((at + 1) * size) / CELL))];
  };
  for (let y = 0; y < CELL; y++)
    for (let x = 0; x < CELL; x++) {
      const [x0, x1] = span(x, from.width);
      const [y0, y1] = span(y, from.height);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = y0; v < y1; v++)
          for (let u = x0; u < x1; u++) sum += from.rgba[4 * (v * from.width + u) + c] ?? 0;
        into[4 * ((top + y) * width + left + x) + c] = sum / ((x1 - x0) * (y1 - y0));
      }
    }
}
