import {
  type CSSProperties,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
} from "react";
import type { Grid } from "#compare/cell.ts";
import { cellAt } from "#compare/grid.ts";
import type { ComparisonSettings, Place } from "#compare/settings.ts";
import { cellNames, valueWords } from "#compare/words.ts";
import { useComparison, useComparisons, useLook, useLookStore } from "../context.ts";
import { CellDescription } from "./CellDescription.tsx";
import styles from "./CompareGrid.module.css";
import { placeAfter } from "./keyboard.ts";
import { gridLayout, namesWidth } from "./layout.ts";
import { marksOf } from "./marks.ts";
import { Panel } from "./Panel.tsx";
import { MARK_HEIGHT, markWidth } from "./PanelMarks.tsx";
import { useBlinking } from "./useBlinking.ts";
import { useBox } from "./useBox.ts";

export interface CompareGridProps {
  readonly grid: Grid;
  readonly settings: ComparisonSettings;
  /** Side of a finished picture in its own pixels. */
  readonly imageSize: number;
}

/** Number of the cell that an event happened on. */
function cellOf(event: { readonly target: EventTarget }): number | null {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-cell]") : null;
  return cell ? Number(cell.dataset.cell) : null;
}

/** The pictures in rows, columns and panels. Arrows move from cell to cell, Enter or a click makes a cell the reference. */
export function CompareGrid({ grid, settings, imageSize }: CompareGridProps) {
  const comparisons = useComparisons();
  const look = useLookStore();
  const scroller = useRef<HTMLDivElement>(null);
  const takeFocus = useRef(false);
  const describedBy = useId();
  const box = useBox(scroller);
  const zoom = useLook(({ zoom }) => zoom);
  const lines = useComparison((comparison) => comparison.lines);
  useBlinking(settings.view === "blink", scroller);
  const partners = useComparison((comparison) => comparison.partners);
  const names = useMemo(() => cellNames(grid, settings), [grid, settings]);
  const rowNames = useMemo(
    () => settings.rows.values.map((_, row) => valueWords(settings.rows, row)),
    [settings.rows],
  );
  const marks = useMemo(() => marksOf(grid, lines), [grid, lines]);
  const seedOf = useMemo(() => (cell: number) => grid.cells[cell]?.settings.seed, [grid]);
  const reference = cellAt(grid, settings.reference);
  // A grid that has become smaller must not take the only way in with it.
  useEffect(() => {
    if (look.getState().active >= grid.cells.length) look.setState({ active: reference });
  }, [grid, reference, look]);
  const namesAside = namesWidth(rowNames, marks?.at === "columns");
  const marksWidth = markWidth(box?.width ?? 0);
  const layout =
    box &&
    gridLayout({
      columns: grid.columns,
      rows: grid.rows,
      image: imageSize,
      density: box.density,
      width: box.width,
      height: box.height - (marks?.at === "columns" ? MARK_HEIGHT : 0),
      aside: namesAside + (marks?.at === "rows" ? marksWidth : 0),
      zoom,
    });

  const makeReference = (cell: number) => {
    const place = grid.cells[cell]?.place;
    if (place) comparisons.change({ reference: place });
  };
  const moveTo = (place: Place) => {
    takeFocus.current = true;
    look.setState({ active: cellAt(grid, place), hovered: null });
    reveal(scroller.current, place);
  };
  const onClick = (event: MouseEvent) => {
    const cell = cellOf(event);
    if (cell === null) return;
    const { active } = look.getState();
    look.setState({ active: cell });
    // A finger has no way to point without pressing: its first tap shows the figures, the second one chooses.
    const touched = event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType === "touch";
    if (!touched || active === cell) makeReference(cell);
  };
  const onPointerMove = (event: PointerEvent) => {
    const cell = cellOf(event);
    if (cell !== look.getState().hovered) look.setState({ hovered: cell });
    if (cell === null || settings.view !== "slider" || !(event.target instanceof HTMLCanvasElement)) return;
    const { left, width } = event.target.getBoundingClientRect();
    look.setState({ wipe: Math.min(1, Math.max(0, (event.clientX - left) / width)) });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const { active } = look.getState();
    const place = grid.cells[active]?.place;
    if (!place || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      if (event.ctrlKey || event.metaKey || event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      makeReference(active);
      return;
    }
    if (event.key === "r" || event.key === "R") {
      const key = grid.cells[active]?.key;
      if (key && comparisons.store.getState().drawings[key]?.status === "failed") comparisons.retry(key);
      return;
    }
    const next = placeAfter(event.key, event.ctrlKey || event.metaKey, place, grid);
    if (!next) return;
    event.preventDefault();
    moveTo(next);
  };

  const sized: CSSProperties & Record<`--${string}`, string> = {
    "--side": `${layout?.side ?? 0}px`,
    "--enlarge": layout?.even ? "pixelated" : "auto",
    "--names": `${namesAside}px`,
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is no control; the grid cells inside are, and up to 1,024 of them share these listeners
    <div
      ref={scroller}
      className={styles.scroller}
      style={sized}
      onClick={onClick}
      onPointerMove={onPointerMove}
      onPointerLeave={() => look.setState({ hovered: null })}
      onKeyDown={onKeyDown}
    >
      <div className={styles.panels}>
        {layout &&
          Array.from({ length: grid.panels }, (_, panel) => (
            <Panel
              key={settings.panels ? valueWords(settings.panels, panel) : "only"}
              panel={panel}
              grid={grid}
              settings={settings}
              partners={partners}
              names={names}
              reference={reference}
              layout={layout}
              namesWidth={namesAside}
              marks={marks}
              marksWidth={marksWidth}
              imageSize={imageSize}
              scroller={scroller}
              takeFocus={takeFocus}
              describedBy={describedBy}
              seedOf={seedOf}
            />
          ))}
      </div>
      <CellDescription id={describedBy} grid={grid} partners={partners} names={names} />
    </div>
  );
}

/** Scrolls until a place is in sight, whether or not its cell is drawn yet. */
function reveal(scroller: HTMLElement | null, { panel, row, column }: Place): void {
  const marker = scroller?.querySelector<HTMLElement>(`[data-marker="${panel}"]`);
  if (!marker) return;
  marker.style.setProperty("--row", String(row));
  marker.style.setProperty("--column", String(column));
  marker.scrollIntoView({ block: "nearest", inline: "nearest" });
}
