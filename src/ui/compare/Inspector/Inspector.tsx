import { useMemo } from "react";
import type { Grid } from "#compare/cell.ts";
import { cellAt } from "#compare/grid.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { cellNames } from "#compare/words.ts";
import type { Comparison } from "#state/compare/comparison.ts";
import type { Pixels } from "#state/pixels.ts";
import { Button } from "#ui/shared/Button.tsx";
import { errorWords } from "#ui/shared/errorWords.ts";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import { countsText } from "../../generate/TauSlider/layout.ts";
import { useComparison, useComparisons, useLook } from "../context.ts";
import { cosineAt, pixelsAt, pixelsNow } from "../face.ts";
import { differenceOf } from "../Grid/difference.ts";
import { figureText, METRIC_NAMES, METRICS, type MetricName } from "../metrics.ts";
import { Note } from "../Notes/Note.tsx";
import { AttributeList } from "./AttributeList.tsx";
import styles from "./Inspector.module.css";

export interface InspectorProps {
  readonly grid: Grid;
  readonly settings: ComparisonSettings;
  /** Side of a finished picture in its own pixels. */
  readonly imageSize: number;
}

const shownOf = ({ drawings, scrub }: Comparison, key: string) =>
  scrub ? pixelsAt(drawings[key], scrub.t, scrub.decoded[key]) : pixelsNow(drawings[key]);

/** The cell that the pointer or the keyboard is on: large, beside what it is compared with, with all its figures. */
export function Inspector({ grid, settings, imageSize }: InspectorProps) {
  const comparisons = useComparisons();
  const number = useLook(({ hovered, active }) => Math.min(hovered ?? active, grid.cells.length - 1));
  const partner = useComparison(({ partners }) => partners[number] ?? number);
  const names = useMemo(() => cellNames(grid, settings), [grid, settings]);
  const cell = grid.cells[number];
  const compared = grid.cells[partner];
  const drawing = useComparison(({ drawings }) => drawings[cell?.key ?? ""]);
  const own = useComparison((comparison) => shownOf(comparison, cell?.key ?? ""));
  const other = useComparison((comparison) => shownOf(comparison, compared?.key ?? ""));
  const numbers = useComparison((comparison) => comparison.numbers[number] ?? null);
  const scrubbed = useComparison(({ scrub }) => scrub?.t ?? null);
  if (!cell || !compared) return null;
  const isPartner = partner === number;
  const isReference = cellAt(grid, settings.reference) === number;
  const difference = isPartner ? null : differenceOf(own, other);
  const valueText = (name: MetricName, value: number) =>
    name === "attributes" && numbers?.attributes
      ? `${numbers.attributes.agreed} of ${numbers.attributes.of}`
      : figureText(value, METRICS[name].digits);
  // The linear map has as many pixels as the latent: squares of that size would say nothing.
  const lookOf = (pixels: Pixels) => (pixels.width < imageSize ? styles.preview : styles.canvas);
  const picture = (pixels: typeof own, title: string) => (
    <figure className={styles.small}>
      <div>{pixels && <PixelCanvas pixels={pixels} className={lookOf(pixels)} />}</div>
      <figcaption>{title}</figcaption>
    </figure>
  );
  return (
    <aside className={styles.inspector} aria-label="Chosen picture">
      <h2 className={styles.name}>{names[number]}</h2>
      <div className={styles.pictures}>
        <div className={styles.large}>{own && <PixelCanvas pixels={own} className={lookOf(own)} />}</div>
        {!isPartner && (
          <div className={styles.pair}>
            {picture(other, "compared with")}
            {picture(difference, "difference")}
          </div>
        )}
      </div>
      {drawing?.status === "failed" && (
        <p className={styles.failed} role="alert">
          {errorWords(drawing.error).title}. {errorWords(drawing.error).text}
        </p>
      )}
      {isPartner && (
        <p className={styles.hint}>
          This is the reference of its seed. Point at another picture to see how it compares; click one to
          compare with it instead.
        </p>
      )}
      {scrubbed !== null && !isPartner && numbers && (
        <p className={styles.when}>
          Figures of the finished pictures; the latent cosine is that at t = {scrubbed.toFixed(2)}.
        </p>
      )}
      <dl className={styles.figures}>
        {(isPartner ? [] : METRIC_NAMES).map((name) => {
          const metric = METRICS[name];
          const alongTime = name === "latent" && scrubbed !== null;
          const value = numbers && (alongTime ? cosineAt(numbers.along, scrubbed) : metric.of(numbers));
          return (
            <div key={name} data-faded={(scrubbed !== null && !alongTime) || undefined}>
              <dt>
                {metric.title}
                <Note about={name} />
              </dt>
              <dd>
                {value === null ? "–" : valueText(name, value)}
                <span>{value !== null && value !== Number.POSITIVE_INFINITY ? metric.unit : ""}</span>
              </dd>
            </div>
          );
        })}
        {drawing?.status === "finished" && (
          <div>
            <dt>
              Evaluations
              <Note about="nfe" />
            </dt>
            <dd>
              {countsText(drawing.nfe)}
              <span>NFE</span>
            </dd>
          </div>
        )}
      </dl>
      {!isPartner && <AttributeList drawingKey={cell.key} partnerKey={compared.key} />}
      <div className={styles.actions}>
        <Button disabled={isReference} onClick={() => comparisons.change({ reference: cell.place })}>
          Set as reference
        </Button>
        <Button onClick={() => comparisons.openInGenerate(cell)}>Open in Generate</Button>
      </div>
    </aside>
  );
}
