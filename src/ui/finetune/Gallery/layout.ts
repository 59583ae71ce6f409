/** Places of the cells of a long grid, in CSS pixels. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly cell: number;
  readonly rowHeight: number;
  /** Height of all rows. */
  readonly height: number;
}

/** Space between two cells. */
export const GAP = 6;
/** Rows beyond the visible ones that are there already when scrolling begins. */
const AHEAD = 2;

/** The cells of at least `least` pixels that fill a width best. caption: height of what stands below a picture. */
export function layoutOf(count: number, width: number, least: number, caption: number): GridLayout {
  const columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  const cell = Math.floor((width - GAP * (columns - 1)) / columns);
  const rows = Math.ceil(count / columns);
  const rowHeight = cell + caption + GAP;
  return { columns, rows, cell, rowHeight, height: Math.max(0, rows * rowHeight - GAP) };
}

/** First row that is drawn, and the one after the last. */
export function rowsInSight(
  { rows, rowHeight }: GridLayout,
  scrollTop: number,
  height: number,
): { readonly from: number; readonly to: number } {
  const from = Math.max(0, Math.floor(scrollTop / rowHeight) - AHEAD);
  const to = Math.min(rows, Math.ceil((scrollTop + height) / rowHeight) + AHEAD);
  return { from: Math.min(from, to), to };
}

/** Place that a key leads to from place `at`; null for any other key. */
export function placeAfter(
  key: string,
  control: boolean,
  at: number,
  count: number,
  { columns }: Pick<GridLayout, "columns">,
  rowsPerPage: number,
): number | null {
  const within = (place: number) => (place >= 0 && place < count ? place : at);
  switch (key) {
    case "ArrowRight":
      return within(at + 1);
    case "ArrowLeft":
      return within(at - 1);
    case "ArrowDown":
      return at + columns < count ? at + columns : at;
    case "ArrowUp":
      return within(at - columns);
    case "Home":
      return control ? 0 : at - (at % columns);
    case "End":
      return control ? count - 1 : Math.min(count - 1, at - (at % columns) + columns - 1);
    case "PageDown":
      return Math.min(count - 1, at + columns * rowsPerPage);
    case "PageUp":
      return Math.max(0, at - columns * rowsPerPage);
    default:
      return null;
  }
}

/** Scroll position that brings a row into sight; the present one where it is. */
export function scrollTo(
  row: number,
  { rowHeight }: Pick<GridLayout, "rowHeight">,
  scrollTop: number,
  height: number,
): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  const bottom = top + rowHeight - GAP;
  return bottom > scrollTop + height ? bottom - height : scrollTop;
}
