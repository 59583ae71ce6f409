// biome-ignore-all lint/a11y/useSemanticElements: a <table> lays itself out; these rows are put in place and come and go as one scrolls (ARIA grid with aria-rowcount)
// biome-ignore-all lint/a11y/useFocusableInteractive: in an ARIA grid one cell has the focus, and arrows move it; rows and headings never do
import { type CSSProperties, type RefObject, useRef } from "react";
import type { Grid } from "#compare/cell.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { valueWords } from "#compare/words.ts";
import { useLook } from "../context.ts";
import { Cell } from "./Cell.tsx";
import { type GridLayout, HEAD, pitchOf, type Span, spanInSight } from "./layout.ts";
import type { Marks } from "./marks.ts";
import styles from "./Panel.module.css";
import { MARK_HEIGHT, PanelMarks } from "./PanelMarks.tsx";
import { useSight } from "./useSight.ts";

export interface PanelProps {
  readonly panel: number;
  readonly grid: Grid;
  readonly settings: ComparisonSettings;
  readonly partners: readonly number[];
  readonly names: readonly string[];
  readonly reference: number;
  readonly layout: GridLayout;
  /** Width of the names beside the rows. */
  readonly namesWidth: number;
  readonly marks: Marks | null;
  /** Room of the marks beside the rows. */
  readonly marksWidth: number;
  readonly imageSize: number;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly takeFocus: RefObject<boolean>;
  readonly describedBy: string;
  readonly seedOf: (cell: number) => number | undefined;
}

/** Up to so many cells are simply there; more come and go as they are scrolled to. */
const ALL_AT_ONCE = 100;
/** Rows and columns beyond what is in sight, so that scrolling finds them drawn. */
const SPARE = 2;

/** Places of a span in order, and `kept` beside them if it is a place: the cell that Tab leads to is always there. */
function placesOf({ first, last }: Span, kept: number): readonly number[] {
  const places = Array.from({ length: last - first }, (_, i) => first + i);
  if (kept < 0 || (kept >= first && kept < last)) return places;
  return kept < first ? [kept, ...places] : [...places, kept];
}

/** One panel of the grid: names of its columns and rows, its cells, the figures at its margin. */
export function Panel({
  panel,
  grid,
  settings,
  partners,
  names,
  reference,
  layout,
  namesWidth,
  marks,
  marksWidth,
  imageSize,
  scroller,
  takeFocus,
  describedBy,
  seedOf,
}: PanelProps) {
  const body = useRef<HTMLDivElement>(null);
  const { rows, columns } = grid;
  const partly = grid.cells.length > ALL_AT_ONCE;
  const sight = useSight(body, scroller, partly);
  const hovered = useLook((look) => look.hovered);
  const active = useLook((look) => look.active);
  const pitch = pitchOf(layout.side);
  const spanOf = (from: number, to: number, start: number, each: number, count: number) =>
    spanInSight({ from, to }, { start, pitch: each, count }, SPARE);
  const nothing: Span = { first: 0, last: 0 };
  const shown = partly
    ? {
        rows: sight ? spanOf(sight.top, sight.bottom, HEAD, pitch.y, rows) : nothing,
        columns: sight ? spanOf(sight.left, sight.right, namesWidth, pitch.x, columns) : nothing,
      }
    : { rows: { first: 0, last: rows }, columns: { first: 0, last: columns } };
  const from = panel * rows * columns;
  const activeHere = active >= from && active < from + rows * columns;
  const rowsShown = placesOf(shown.rows, activeHere ? Math.floor((active - from) / columns) : -1);
  const columnsShown = placesOf(shown.columns, activeHere ? (active - from) % columns : -1);
  const referencePlace = reference - from;
  const within = referencePlace >= 0 && referencePlace < rows * columns;
  const hoveredPlace = hovered === null ? -1 : hovered - from;
  const here = hoveredPlace >= 0 && hoveredPlace < rows * columns;
  const size: CSSProperties & Record<`--${string}`, string> = {
    width: `${namesWidth + columns * pitch.x + (marks?.at === "rows" ? marksWidth : 0)}px`,
    height: `${HEAD + rows * pitch.y + (marks?.at === "columns" ? MARK_HEIGHT : 0)}px`,
    "--names": `${namesWidth}px`,
    "--pitch": `${pitch.y}px`,
  };
  const title = settings.panels ? valueWords(settings.panels, panel) : null;
  return (
    <section className={styles.panel} aria-label={title ?? undefined}>
      {title && <h2 className={styles.title}>{title}</h2>}
      <div ref={body} className={styles.body} style={size}>
        <div
          role="grid"
          className={styles.grid}
          aria-label={title ? `Pictures, ${title}` : "Pictures"}
          aria-rowcount={rows + 1}
          aria-colcount={columns + 1}
        >
          <div role="row" aria-rowindex={1} className={styles.head}>
            <span className={styles.corner} />
            {columnsShown.map((column) => (
              <div
                key={column}
                role="columnheader"
                aria-colindex={column + 2}
                className={styles.columnName}
                title={String(settings.columns.values[column])}
                style={{ left: namesWidth + column * pitch.x, width: layout.side }}
                data-lit={(here && hoveredPlace % columns === column) || undefined}
                data-reference={(within && referencePlace % columns === column) || undefined}
              >
                {valueWords(settings.columns, column)}
              </div>
            ))}
          </div>
          {rowsShown.map((row) => (
            <div
              key={row}
              role="row"
              aria-rowindex={row + 2}
              className={styles.row}
              style={{ top: HEAD + row * pitch.y }}
            >
              <div
                role="rowheader"
                aria-colindex={1}
                className={styles.rowName}
                data-marked={(marks?.at === "rows" && marksWidth === 0) || undefined}
                data-lit={(here && Math.floor(hoveredPlace / columns) === row) || undefined}
                data-reference={(within && Math.floor(referencePlace / columns) === row) || undefined}
              >
                <span title={String(settings.rows.values[row])}>{valueWords(settings.rows, row)}</span>
              </div>
              {columnsShown.map((column) => {
                const cell = from + row * columns + column;
                const partner = partners[cell] ?? cell;
                const drawn = grid.cells[cell];
                return (
                  drawn && (
                    <Cell
                      key={column}
                      cell={cell}
                      drawingKey={drawn.key}
                      partnerKey={grid.cells[partner]?.key ?? drawn.key}
                      seed={drawn.settings.seed}
                      name={names[cell] ?? ""}
                      columnIndex={column + 2}
                      left={namesWidth + column * pitch.x}
                      isReference={cell === reference}
                      isPartner={cell === partner}
                      view={settings.view}
                      imageSize={imageSize}
                      takeFocus={takeFocus}
                      describedBy={describedBy}
                      seedOf={seedOf}
                    />
                  )
                );
              })}
            </div>
          ))}
        </div>
        <span
          className={styles.marker}
          data-marker={panel}
          style={{
            left: `calc(${namesWidth}px + var(--column, 0) * ${pitch.x}px)`,
            top: `calc(${HEAD}px + var(--row, 0) * ${pitch.y}px)`,
            width: layout.side,
            height: pitch.y,
          }}
        />
        {marks && (
          <PanelMarks
            marks={marks}
            panel={panel}
            grid={grid}
            shown={marks.at === "rows" ? shown.rows : shown.columns}
            names={(k) => valueWords(marks.at === "rows" ? settings.rows : settings.columns, k)}
            left={namesWidth}
            side={layout.side}
            width={marksWidth}
          />
        )}
      </div>
    </section>
  );
}
