import type { Grid } from "#compare/cell.ts";
import type { Place } from "#compare/settings.ts";

/** Rows that Page Up and Page Down pass over. */
const PAGE = 4;

/** The place that a key leads to from another one; null for a key that moves nothing. Up and down go on into the panel
 *  above or below. `control`: Ctrl or ⌘ is held. */
export function placeAfter(
  key: string,
  control: boolean,
  from: Place,
  { panels, rows, columns }: Pick<Grid, "panels" | "rows" | "columns">,
): Place | null {
  const { panel, row, column } = from;
  const down = (by: number): Place => {
    const line = Math.min(panels * rows - 1, Math.max(0, panel * rows + row + by));
    return { panel: Math.floor(line / rows), row: line % rows, column };
  };
  const across = (to: number): Place => ({ panel, row, column: Math.min(columns - 1, Math.max(0, to)) });
  switch (key) {
    case "ArrowLeft":
      return across(column - 1);
    case "ArrowRight":
      return across(column + 1);
    case "ArrowUp":
      return down(-1);
    case "ArrowDown":
      return down(1);
    case "PageUp":
      return down(-PAGE);
    case "PageDown":
      return down(PAGE);
    case "Home":
      return control ? { panel: 0, row: 0, column: 0 } : across(0);
    case "End":
      return control ? { panel: panels - 1, row: rows - 1, column: columns - 1 } : across(columns - 1);
    default:
      return null;
  }
}
