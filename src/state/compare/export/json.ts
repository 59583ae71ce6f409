import type { Axis } from "#compare/axis.ts";
import { cellNames, valueWords } from "#compare/words.ts";
import type { Comparison } from "../comparison.ts";
import { printCompareHash } from "../hash.ts";
import { pictureAt, pictureSettings } from "../pictureSettings.ts";
import { CSV_COLUMNS, rowsOf } from "./csv.ts";

/** Raised when a reader of the older version would misread it. */
export const COMPARISON_VERSION = 1;

const axisOf = (axis: Axis | null) =>
  axis && { name: axis.name, values: axis.values, titles: axis.values.map((_, at) => valueWords(axis, at)) };

/** Everything that is known of a comparison but its pixels, as a JSON text: what the table has, and what does not fit into
 *  one: distances along t, attributes, similarities of whole settings, cost. Infinity is null, as `psnr` of equal pictures. */
export function jsonOf(comparison: Comparison, address: string): string {
  const { settings, lines, noiseFloor, cost, backend, drawings } = comparison;
  const names = comparison.grid ? cellNames(comparison.grid, settings) : [];
  const cells = rowsOf(comparison).map((row, i) => {
    const { cell, numbers } = row;
    const picture = pictureAt(comparison, cell);
    const drawing = drawings[cell.key];
    return {
      name: names[i] ?? "",
      ...Object.fromEntries(
        CSV_COLUMNS.map(({ name, of }) => {
          const value = of(row);
          return [name, value === "inf" ? null : value];
        }),
      ),
      settings: picture && pictureSettings(picture, cell.settings),
      along: numbers?.along ?? null,
      seen: drawing?.status === "finished" ? (drawing.features?.seen ?? null) : null,
    };
  });
  return `${JSON.stringify(
    {
      version: COMPARISON_VERSION,
      link: `${address}${printCompareHash(settings)}`,
      family: settings.family,
      backend,
      axes: {
        rows: axisOf(settings.rows),
        columns: axisOf(settings.columns),
        panels: axisOf(settings.panels),
      },
      fixed: settings.fixed,
      reference: {
        row: settings.reference.row + 1,
        column: settings.reference.column + 1,
        panel: settings.reference.panel + 1,
      },
      evaluations: cost,
      cells,
      lines: lines.map(({ cells: of, ...line }) => ({
        ...line,
        cells: of.map((i) => cells[i]?.name ?? null),
      })),
      noise_floor: noiseFloor,
    },
    null,
    1,
  )}\n`;
}
