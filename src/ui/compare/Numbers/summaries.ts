import type { Grid } from "#compare/cell.ts";
import type { ComparisonSettings, Place } from "#compare/settings.ts";
import { valueWords } from "#compare/words.ts";
import type { CellNumbers, LineSimilarity } from "#state/compare/comparison.ts";
import { METRIC_NAMES, METRICS, type MetricName } from "../metrics.ts";

/** One setting of the grid in figures. */
export interface Summary {
  readonly name: string;
  readonly cells: readonly number[];
  readonly isReference: boolean;
  readonly line: LineSimilarity | null;
  /** Means over its cells that are compared with another one; null where none has the figure. */
  readonly means: Readonly<Record<MetricName, number | null>>;
}

/** Names of what is alike in all cells of a line: "τ 0.7", "τ 0.7, Heun". */
function nameOf(cells: readonly number[], grid: Grid, settings: ComparisonSettings): string {
  const places = cells.flatMap((cell) => grid.cells[cell]?.place ?? []);
  const alike = (direction: keyof Place) =>
    places.every((place) => place[direction] === places[0]?.[direction]);
  const [first] = places;
  if (!first) return "";
  const { panels, rows, columns } = settings;
  return [
    panels && alike("panel") ? valueWords(panels, first.panel) : "",
    alike("row") ? valueWords(rows, first.row) : "",
    alike("column") ? valueWords(columns, first.column) : "",
  ]
    .filter((name) => name !== "")
    .join(", ");
}

/** Mean of the finite values; Infinity when all are (equal pictures); null without any. */
export function meanOf(values: readonly number[]): number | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length > 0) return finite.reduce((sum, value) => sum + value, 0) / finite.length;
  return values.length > 0 ? Number.POSITIVE_INFINITY : null;
}

/** Rows of cells: what is summed up where seeds are no axis. */
const rowsOf = (grid: Grid): readonly (readonly number[])[] =>
  Array.from({ length: grid.panels * grid.rows }, (_, row) =>
    Array.from({ length: grid.columns }, (_, column) => row * grid.columns + column),
  );

/** The settings of a grid with their figures: its lines of seeds, else its rows. */
export function summariesOf(
  grid: Grid,
  settings: ComparisonSettings,
  partners: readonly number[],
  numbers: readonly (CellNumbers | null)[],
  lines: readonly { readonly cells: readonly number[] }[],
  measured: readonly LineSimilarity[],
): readonly Summary[] {
  const groups = lines.length > 0 ? lines.map(({ cells }) => cells) : rowsOf(grid);
  return groups.map((cells) => {
    const compared = cells.filter((cell) => partners[cell] !== cell);
    const mean = (name: MetricName) =>
      meanOf(
        compared.flatMap((cell) => {
          const value = numbers[cell] ? METRICS[name].of(numbers[cell]) : null;
          return value === null ? [] : [value];
        }),
      );
    return {
      name: nameOf(cells, grid, settings),
      cells,
      isReference: compared.length === 0,
      line: measured.find((line) => line.cells[0] === cells[0]) ?? null,
      means: Object.fromEntries(METRIC_NAMES.map((name) => [name, mean(name)])) as Summary["means"],
    };
  });
}
