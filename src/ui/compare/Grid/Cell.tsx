// biome-ignore-all lint/a11y/useSemanticElements: a <td> needs a <table>, which lays itself out; this cell stands where it is put (ARIA grid)
import { memo, type RefObject, useLayoutEffect, useMemo, useRef } from "react";
import type { DrawingKey } from "#compare/cell.ts";
import type { CellView } from "#compare/settings.ts";
import type { Comparison, Drawing } from "#state/compare/comparison.ts";
import type { Pixels } from "#state/pixels.ts";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import { useComparison, useComparisons, useLook } from "../context.ts";
import { pixelsAt, pixelsNow } from "../face.ts";
import styles from "./Cell.module.css";
import { CellFigure } from "./CellFigure.tsx";
import { differenceOf } from "./difference.ts";

export interface CellProps {
  /** Number in the grid. */
  readonly cell: number;
  readonly drawingKey: DrawingKey;
  /** What it is compared with; its own key for what is the reference of its seed. */
  readonly partnerKey: DrawingKey;
  readonly seed: number;
  readonly name: string;
  /** 1-based, the names beside the rows being the first. */
  readonly columnIndex: number;
  /** From the left of its row, CSS pixels. */
  readonly left: number;
  readonly isReference: boolean;
  readonly isPartner: boolean;
  readonly view: CellView;
  /** Side of a finished picture in its own pixels. */
  readonly imageSize: number;
  /** The keyboard has just moved, and the cell it is on takes the focus. */
  readonly takeFocus: RefObject<boolean>;
  readonly describedBy: string;
  readonly seedOf: (cell: number) => number | undefined;
}

/** What a trajectory shows now: where the scrubber is, or the latest there is. */
const shownOf =
  (key: DrawingKey) =>
  ({ drawings, scrub }: Comparison): Pixels | null =>
    scrub ? pixelsAt(drawings[key], scrub.t, scrub.decoded[key]) : pixelsNow(drawings[key]);

/** Words on a place without a picture. */
function PlaceWords({ drawing, drawingKey }: { drawing: Drawing | undefined; drawingKey: DrawingKey }) {
  const comparisons = useComparisons();
  if (drawing?.status !== "failed") return null;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles.retry}
      onClick={(event) => {
        event.stopPropagation();
        comparisons.retry(drawingKey);
      }}
    >
      Retry
    </button>
  );
}

/** One place of the grid; its size never depends on what is in it. */
export const Cell = memo(function Cell({
  cell,
  drawingKey,
  partnerKey,
  seed,
  name,
  columnIndex,
  left,
  isReference,
  isPartner,
  view,
  imageSize,
  takeFocus,
  describedBy,
  seedOf,
}: CellProps) {
  const element = useRef<HTMLDivElement>(null);
  const active = useLook((look) => look.active === cell);
  const lit = useLook((look) => look.hovered !== null && seedOf(look.hovered) === seed);
  const drawing = useComparison(({ drawings }) => drawings[drawingKey]);
  const own = useComparison(shownOf(drawingKey));
  const compared = view !== "image" && !isPartner;
  const other = useComparison((comparison) => (compared ? shownOf(partnerKey)(comparison) : null));
  const shown = useMemo(
    () => (view === "difference" && compared ? differenceOf(own, other) : own),
    [view, compared, own, other],
  );
  useLayoutEffect(() => {
    if (!active || !takeFocus.current) return;
    takeFocus.current = false;
    element.current?.focus({ preventScroll: true });
  }, [active, takeFocus]);
  const status = drawing?.status ?? "waiting";
  return (
    <div
      ref={element}
      role="gridcell"
      className={styles.cell}
      style={{ left }}
      tabIndex={active ? 0 : -1}
      data-cell={cell}
      data-lit={lit || undefined}
      data-reference={isReference || undefined}
      aria-label={name}
      aria-colindex={columnIndex}
      aria-selected={isReference}
      aria-busy={status === "running" || undefined}
      aria-describedby={active ? describedBy : undefined}
    >
      <div className={styles.picture} data-status={status}>
        {shown && (
          <PixelCanvas pixels={shown} className={shown.width < imageSize ? styles.preview : styles.canvas} />
        )}
        {other && (view === "blink" || view === "slider") && (
          <PixelCanvas pixels={other} className={view === "blink" ? styles.blinked : styles.wiped} />
        )}
        {other && view === "slider" && <span className={styles.line} />}
        {drawing?.status === "running" && (
          <span
            className={styles.hairline}
            data-served={drawing.served}
            style={{ scale: `${drawing.step / drawing.of} 1` }}
          />
        )}
        <PlaceWords drawing={drawing} drawingKey={drawingKey} />
      </div>
      <CellFigure cell={cell} drawing={drawing} isPartner={isPartner} />
    </div>
  );
});
