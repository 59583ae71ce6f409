import type { Drawing } from "#state/compare/comparison.ts";
import { useComparison, useLook } from "../context.ts";
import { cosineAt } from "../face.ts";
import { figureText, METRICS, type Metric, shareOf } from "../metrics.ts";
import { cividis } from "../scale.ts";
import { isUnderWay, placeText } from "../words.ts";
import styles from "./Cell.module.css";

export interface CellFigureProps {
  readonly cell: number;
  readonly drawing: Drawing | undefined;
  readonly isPartner: boolean;
}

/** The chosen figure under a picture, as a bar on its scale and as a number. The cell's description says it in words. */
export function CellFigure({ cell, drawing, isPartner }: CellFigureProps) {
  const metric: Metric = METRICS[useLook((look) => look.metric)];
  const underWay = useComparison(({ run }) => isUnderWay(run));
  const scrubbed = useComparison(({ scrub }) => scrub !== null);
  const alongTime = useLook((look) => look.metric) === "latent";
  const value = useComparison(({ numbers, scrub }) => {
    const measured = numbers[cell];
    if (!measured) return null;
    return scrub && alongTime ? cosineAt(measured.along, scrub.t) : metric.of(measured);
  });
  if (drawing?.status !== "finished")
    return (
      <div
        className={styles.caption}
        data-failed={drawing?.status === "failed" || undefined}
        aria-hidden="true"
      >
        <span className={styles.noBar} />
        <span>{placeText(drawing, underWay)}</span>
      </div>
    );
  if (isPartner)
    return (
      <div className={styles.caption} aria-hidden="true">
        <span className={styles.noBar} />
        <span className={styles.self}>
          ref<span>erence</span>
        </span>
      </div>
    );
  const share = value === null ? 0 : shareOf(metric, value);
  return (
    // Of all figures only the latents' is known on the way; the others stay those of the finished pictures.
    <div className={styles.caption} data-faded={(scrubbed && !alongTime) || undefined} aria-hidden="true">
      <span className={styles.bar}>
        <span style={{ scale: `${share} 1`, background: cividis(share) }} />
      </span>
      <span className={styles.figure}>{value === null ? "" : figureText(value, metric.digits)}</span>
    </div>
  );
}
