import type { AxisName } from "./axis.ts";
import type { Grid } from "./cell.ts";
import { axesOf, cellAt } from "./grid.ts";
import type { ComparisonSettings, Place } from "./settings.ts";

/** Direction of the grid along which an axis of this name lies; null where there is none such. */
function directionOf({ columns, rows, panels }: ComparisonSettings, name: AxisName): keyof Place | null {
  if (columns.name === name) return "column";
  if (rows.name === name) return "row";
  return panels?.name === name ? "panel" : null;
}

/** Directions along which a cell and its partner stand alike: those of seeds, and those of classes where anything beside
 *  seeds and classes changes. */
function startDirections(settings: ComparisonSettings): readonly (keyof Place)[] {
  const changes = axesOf(settings).some(({ name }) => name !== "seed" && name !== "class");
  const starts = changes ? (["seed", "class"] as const) : (["seed"] as const);
  return starts.flatMap((name) => directionOf(settings, name) ?? []);
}

/** Number of the cell that each cell is compared with: the cell of the same start (seed, and class where they change) under
 *  the reference's settings, so the reference stands for its whole row, column or panels; without starts along an axis the
 *  reference itself. See docs/decisions/0011-what-is-compared-with-what.md. */
export function partnersOf(grid: Grid, settings: ComparisonSettings): readonly number[] {
  const alike = startDirections(settings);
  const reference = grid.cells[cellAt(grid, settings.reference)]?.place ?? settings.reference;
  return grid.cells.map(({ place }) => {
    const own = Object.fromEntries(alike.map((direction) => [direction, place[direction]]));
    return cellAt(grid, { ...reference, ...own });
  });
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
  const along = directionOf(settings, "seed");
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
