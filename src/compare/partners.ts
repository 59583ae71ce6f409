import type { Grid } from "./cell.ts";
import { cellAt } from "./grid.ts";
import type { ComparisonSettings, Place } from "./settings.ts";

/** Direction of the grid along which seeds change; null where they do not. */
const seedDirection = ({ columns, rows, panels }: ComparisonSettings): keyof Place | null => {
  if (columns.name === "seed") return "column";
  if (rows.name === "seed") return "row";
  return panels?.name === "seed" ? "panel" : null;
};

/** Number of the cell that each cell is compared with. Where seed is an axis: the cell of the same seed under the
 *  reference's settings, so the reference stands for its whole row, column or panels; else the reference itself.
 *  See docs/decisions/0011-what-is-compared-with-what.md. */
export function partnersOf(grid: Grid, settings: ComparisonSettings): readonly number[] {
  const along = seedDirection(settings);
  const reference = grid.cells[cellAt(grid, settings.reference)]?.place ?? settings.reference;
  return grid.cells.map(({ place }) =>
    cellAt(grid, along === null ? reference : { ...reference, [along]: place[along] }),
  );
}

/** All seeds of one setting. */
export interface Line {
  /** Numbers of its cells, one a seed. */
  readonly cells: readonly number[];
  /** Numbers of the cells that they are compared with. */
  readonly partners: readonly number[];
}

/** The settings of the grid, each with all its seeds: what a same-seed similarity is measured over. None where seed is no
 *  axis or has one value. In the order of their first cells. */
export function linesOf(grid: Grid, settings: ComparisonSettings): readonly Line[] {
  const along = seedDirection(settings);
  if (along === null) return [];
  const partners = partnersOf(grid, settings);
  const lines = new Map<string, number[]>();
  grid.cells.forEach(({ place }, i) => {
    const key = (["panel", "row", "column"] as const)
      .map((direction) => (direction === along ? "" : place[direction]))
      .join();
    lines.set(key, [...(lines.get(key) ?? []), i]);
  });
  return [...lines.values()]
    .filter((cells) => cells.length > 1)
    .map((cells) => ({ cells, partners: cells.map((i) => partners[i] ?? i) }));
}
