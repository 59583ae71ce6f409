import { useEffect, useMemo, useRef } from "react";
import type { DrawingKey, Grid } from "#compare/cell.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useComparison, useComparisons, useLook } from "../context.ts";
import styles from "./Scrubber.module.css";
import { lightSpanOf, switchTimeOf, switchTimes } from "./switches.ts";

export interface ScrubberProps {
  readonly grid: Grid;
}

/** The scrubber rests when it has not moved for so long; then what is in sight is decoded. */
const REST_MS = 220;

/** Keys of the cells that can be seen now. */
function keysInSight(grid: Grid): readonly DrawingKey[] {
  const cells = [...document.querySelectorAll<HTMLElement>("[data-cell]")].filter((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  });
  return [...new Set(cells.flatMap(({ dataset }) => grid.cells[Number(dataset.cell)]?.key ?? []))];
}

function lightSpan(grid: Grid, at: number): readonly [from: number, to: number] {
  const cell = grid.cells[at];
  return cell ? lightSpanOf(cell) : [0, 0];
}

/** Moves all pictures along their trajectories: what each of them was heading for at time t. */
export function Scrubber({ grid }: ScrubberProps) {
  const comparisons = useComparisons();
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const t = useComparison(({ scrub }) => scrub?.t ?? 1);
  const begun = useComparison(({ drawings }) =>
    Object.values(drawings).some(({ track }) => track.points.length > 0),
  );
  const times = useMemo(() => switchTimes(grid.cells), [grid]);
  const own = useLook(({ hovered, active }) => {
    const cell = grid.cells[hovered ?? active];
    return cell ? switchTimeOf(cell) : null;
  });
  const lightFrom = useLook(({ hovered, active }) => lightSpan(grid, hovered ?? active)[0]);
  const lightTo = useLook(({ hovered, active }) => lightSpan(grid, hovered ?? active)[1]);
  useEffect(() => () => clearTimeout(rest.current), []);
  const move = (next: number) => {
    clearTimeout(rest.current);
    if (next >= 1) {
      comparisons.scrub(null);
      return;
    }
    comparisons.scrub(next);
    rest.current = setTimeout(() => comparisons.rested(keysInSight(grid)), REST_MS);
  };
  const words = t >= 1 ? "finished pictures" : "x̂₁, where each is heading";
  return (
    <div className={styles.scrubber} data-disabled={!begun || undefined}>
      <p className={styles.now}>
        <b>t = {t.toFixed(2)}</b>
        <span>{words}</span>
      </p>
      <div className={styles.rail}>
        <input
          type="range"
          className={styles.range}
          min={0}
          max={1}
          step={0.01}
          value={t}
          disabled={!begun}
          aria-label="Time t along the trajectories"
          aria-valuetext={`t ${t.toFixed(2)}, ${words}`}
          onChange={({ currentTarget }) => move(currentTarget.valueAsNumber)}
        />
        <div className={styles.scale} aria-hidden="true">
          <span
            className={styles.light}
            style={{ left: `${lightFrom * 100}%`, width: `${(lightTo - lightFrom) * 100}%` }}
          />
          {times.map((time) => (
            <i key={time} style={{ left: `${time * 100}%` }} data-own={time === own || undefined} />
          ))}
          {own !== null && (
            <span className={styles.label} style={{ left: `${own * 100}%` }}>
              τ {own}
            </span>
          )}
        </div>
        <div className={styles.ends} aria-hidden="true">
          <span>noise</span>
          <span>image</span>
        </div>
      </div>
      <Button look="quiet" disabled={t >= 1} onClick={() => move(1)}>
        Finished
      </Button>
    </div>
  );
}
