import type { Grid } from "#compare/cell.ts";
import { useComparison } from "../context.ts";
import { figureText } from "../metrics.ts";
import { Note } from "../Notes/Note.tsx";
import { IntervalMark } from "./IntervalMark.tsx";
import { HEAD, pitchOf, type Span } from "./layout.ts";
import type { Marks } from "./marks.ts";
import styles from "./PanelMarks.module.css";

export interface PanelMarksProps {
  readonly marks: Marks;
  readonly panel: number;
  readonly grid: Grid;
  /** Rows or columns in sight. */
  readonly shown: Span;
  readonly names: (place: number) => string;
  readonly left: number;
  readonly side: number;
  /** Room beside the rows; 0: the figures stand under their names. */
  readonly width: number;
}

/** Room of the figures below the columns. */
export const MARK_HEIGHT = 68;
/** Room beside the rows. */
const WIDE = 148;
const NARROW_BELOW = 520;

/** Room of the figures beside the rows of a grid that has this width. A narrow one has none: they stand under the names. */
export const markWidth = (width: number): number => (width < NARROW_BELOW ? 0 : WIDE);

/** How alike the seeds of each row or column are to the reference's, at the margin where the eye already is. */
export function PanelMarks({ marks, panel, grid, shown, names, left, side, width }: PanelMarksProps) {
  const floor = useComparison((comparison) => comparison.noiseFloor);
  const pitch = pitchOf(side);
  const rows = marks.at === "rows";
  const narrow = rows && width === 0;
  const count = rows ? grid.rows : grid.columns;
  // Without two seeds of a class there are no strangers to compare with, and s stands alone.
  const normalised = marks.lines.some((line) => line?.sNorm != null);
  const across = left + grid.columns * pitch.x;
  const below = HEAD + grid.rows * pitch.y;
  return (
    <div className={styles.marks} data-at={marks.at} data-narrow={narrow || undefined}>
      <div
        className={styles.name}
        style={
          rows
            ? { marginLeft: narrow ? 0 : across, top: 0, height: HEAD - 6 }
            : { left: 0, top: below, width: left }
        }
      >
        <span>s{normalised && <sub>norm</sub>}</span>
        <Note about={normalised ? "sNorm" : "s"} />
      </div>
      <ul
        aria-label={
          rows ? "Similarity of each row to the reference" : "Similarity of each column to the reference"
        }
      >
        {Array.from({ length: shown.last - shown.first }, (_, i) => shown.first + i).map((place) => {
          const line = marks.lines[panel * count + place];
          const value = normalised ? line?.sNorm : line?.s;
          if (!line || value == null) return null;
          const style = narrow
            ? { left: 0, top: HEAD + place * pitch.y + side / 2, width: left - 12 }
            : rows
              ? { left: across, top: HEAD + place * pitch.y, height: side, width: width - 12 }
              : { left: left + place * pitch.x, top: below, width: side };
          return (
            <li key={place} className={styles.line} style={style}>
              <span className={styles.hidden}>{names(place)}: </span>
              <span className={styles.value}>{figureText(value, 3)}</span>
              {normalised && line.interval && (
                <span className={styles.interval}>
                  <span className={styles.hidden}>95 % interval </span>
                  {figureText(line.interval[0], 2)} … {figureText(line.interval[1], 2)}
                </span>
              )}
              <IntervalMark
                value={value}
                interval={normalised ? line.interval : null}
                floor={normalised ? floor : null}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
