import type { Grid } from "#compare/cell.ts";
import type { LineSimilarity } from "#state/compare/comparison.ts";

/** Similarities beside the rows or below the columns that they are about. */
export interface Marks {
  readonly at: "rows" | "columns";
  /** By number of the row or column, counted through all panels; undefined where a line has none. */
  readonly lines: readonly (LineSimilarity | undefined)[];
}

/** Where the similarities of a grid stand; null where its lines are neither rows nor columns (seeds from panel to panel). */
export function marksOf(grid: Grid, lines: readonly LineSimilarity[]): Marks | null {
  const rowOf = (cell: number) => Math.floor(cell / grid.columns);
  const columnOf = (cell: number) =>
    Math.floor(cell / (grid.columns * grid.rows)) * grid.columns + (cell % grid.columns);
  const within = (placeOf: (cell: number) => number) =>
    lines.every(({ cells }) => cells.every((cell) => placeOf(cell) === placeOf(cells[0] ?? cell)));
  const placed = (placeOf: (cell: number) => number) => {
    const by: (LineSimilarity | undefined)[] = [];
    for (const line of lines) by[placeOf(line.cells[0] ?? 0)] = line;
    return by;
  };
  if (lines.length === 0) return null;
  if (within(rowOf)) return { at: "rows", lines: placed(rowOf) };
  return within(columnOf) ? { at: "columns", lines: placed(columnOf) } : null;
}
