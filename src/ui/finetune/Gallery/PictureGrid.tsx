// biome-ignore-all lint/a11y/useSemanticElements: a <table> lays itself out; these rows are put in place and come and go as one scrolls (ARIA grid with aria-rowcount)
// biome-ignore-all lint/a11y/useKeyWithClickEvents: Enter and Space on a cell are heard by the grid around it, in onKeyDown below
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { layoutOf, placeAfter, rowsInSight, scrollTo } from "./layout.ts";
import styles from "./PictureGrid.module.css";
import { SetPicture } from "./SetPicture.tsx";

export interface PictureGridProps {
  readonly label: string;
  /** Pictures by index, in the order in which they are shown. */
  readonly indices: ArrayLike<number>;
  /** Least width of a picture in CSS pixels. */
  readonly least?: number;
  /** Picture that is looked at more closely. */
  readonly picked?: number | null;
  /** What a screen reader says of a picture. */
  nameOf(index: number): string;
  /** What stands below a picture, one line high. */
  captionOf?(index: number): ReactNode;
  /** Draws attention to a picture or away from it. */
  lookOf?(index: number): "kept" | "dropped" | undefined;
  onPick?(index: number): void;
  onHover?(index: number | null): void;
  /** Keys that the grid itself does not take. */
  onKey?(key: string, index: number): void;
}

const CAPTION = 18;

/** Any number of pictures, of which only those in sight are there. Arrows move, Enter picks. */
export function PictureGrid({
  label,
  indices,
  least = 72,
  picked = null,
  nameOf,
  captionOf,
  lookOf,
  onPick,
  onHover,
  onKey,
}: PictureGridProps) {
  const place = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState({ width: 0, height: 0 });
  const [scrollTop, setScrollTop] = useState(0);
  const [active, setActive] = useState(0);
  const isMoving = useRef(false);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = () => setBox({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const count = indices.length;
  const layout = layoutOf(count, box.width, least, captionOf ? CAPTION : 0);
  const { from, to } = rowsInSight(layout, scrollTop, box.height);
  const at = Math.min(active, Math.max(0, count - 1));

  useEffect(() => {
    if (!isMoving.current) return;
    isMoving.current = false;
    place.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  });

  function onKeyDown(event: KeyboardEvent): void {
    const to = placeAfter(
      event.key,
      event.ctrlKey || event.metaKey,
      at,
      count,
      layout,
      Math.max(1, Math.floor(box.height / layout.rowHeight)),
    );
    const index = indices[at];
    if (to !== null) {
      event.preventDefault();
      isMoving.current = true;
      setActive(to);
      const element = place.current;
      if (element)
        element.scrollTop = scrollTo(Math.floor(to / layout.columns), layout, element.scrollTop, box.height);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (index !== undefined) onPick?.(index);
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && index !== undefined)
      onKey?.(event.key, index);
  }

  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  const activeRow = Math.floor(at / layout.columns);
  // The row that the keyboard is on stays, so that focus is not lost by scrolling.
  if (count > 0 && !rows.includes(activeRow)) rows.push(activeRow);
  return (
    <div
      ref={place}
      className={styles.place}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onPointerLeave={() => onHover?.(null)}
    >
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={layout.rows}
        aria-colcount={layout.columns}
        className={styles.grid}
        style={{ height: layout.height }}
        onKeyDown={onKeyDown}
      >
        {box.width > 0 &&
          rows.map((row) => (
            <div
              key={row}
              role="row"
              tabIndex={-1}
              aria-rowindex={row + 1}
              className={styles.row}
              style={{ top: row * layout.rowHeight, gridTemplateColumns: `repeat(${layout.columns}, 1fr)` }}
            >
              {Array.from({ length: Math.min(layout.columns, count - row * layout.columns) }, (_, column) => {
                const cell = row * layout.columns + column;
                const index = indices[cell] ?? 0;
                return (
                  <div
                    key={index}
                    role="gridcell"
                    tabIndex={cell === at ? 0 : -1}
                    aria-colindex={column + 1}
                    aria-label={nameOf(index)}
                    aria-selected={index === picked}
                    data-look={lookOf?.(index)}
                    className={styles.cell}
                    onPointerEnter={() => onHover?.(index)}
                    onFocus={() => {
                      setActive(cell);
                      onHover?.(index);
                    }}
                    onClick={() => onPick?.(index)}
                  >
                    <SetPicture index={index} />
                    {captionOf && <span className={styles.caption}>{captionOf(index)}</span>}
                  </div>
                );
              })}
            </div>
          ))}
      </div>
    </div>
  );
}
