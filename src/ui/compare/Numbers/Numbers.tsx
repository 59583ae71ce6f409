import { useMemo } from "react";
import type { Grid } from "#compare/cell.ts";
import { linesOf } from "#compare/partners.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { countText } from "#ui/shared/format.ts";
import { ScrollRegion } from "#ui/shared/ScrollRegion.tsx";
import { useComparison } from "../context.ts";
import { IntervalMark } from "../Grid/IntervalMark.tsx";
import { figureText, METRICS, metricsAt } from "../metrics.ts";
import { Note } from "../Notes/Note.tsx";
import { floorText, intervalsText } from "../words.ts";
import { CellTable } from "./CellTable.tsx";
import styles from "./Numbers.module.css";
import { summariesOf } from "./summaries.ts";

export interface NumbersProps {
  readonly grid: Grid;
  readonly settings: ComparisonSettings;
}

const orDash = (value: number | null | undefined, digits: number) =>
  value == null ? "–" : figureText(value, digits);

/** The grid in figures: every setting against the reference, then every cell. */
export function Numbers({ grid, settings }: NumbersProps) {
  const partners = useComparison((comparison) => comparison.partners);
  const numbers = useComparison((comparison) => comparison.numbers);
  const measured = useComparison((comparison) => comparison.lines);
  const floor = useComparison((comparison) => comparison.noiseFloor);
  const lines = useMemo(() => linesOf(grid, settings), [grid, settings]);
  const summaries = useMemo(
    () => summariesOf(grid, settings, partners, numbers, lines, measured),
    [grid, settings, partners, numbers, lines, measured],
  );
  const metrics = metricsAt(numbers);
  const overSeeds = lines.length > 0;
  const seeds = lines[0]?.cells.length ?? 0;
  return (
    <div className={styles.numbers}>
      <section aria-label="Settings against the reference">
        <h2 className={styles.title}>Settings against the reference</h2>
        <p className={styles.note}>
          {overSeeds
            ? `Each line is one setting over its ${countText(seeds, "seed")}. ${intervalsText(seeds)}`
            : "Each line is a row of the grid. With seeds along one axis there would be same-seed similarities and intervals."}
        </p>
        <ScrollRegion label="Table of settings">
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {overSeeds && (
                  <>
                    <th scope="col">
                      <span>
                        s<Note about="s" />
                      </span>
                    </th>
                    <th scope="col">
                      <span>
                        <span>
                          s<sub>unrel</sub>
                        </span>
                        <Note about="sUnrel" />
                      </span>
                    </th>
                    <th scope="col">
                      <span>
                        <span>
                          s<sub>norm</sub>
                        </span>
                        <Note about="sNorm" />
                      </span>
                    </th>
                    <th scope="col">95 % interval</th>
                    <th scope="col" className={styles.markColumn}>
                      <span className={styles.axis}>
                        <i>0</i>
                        <i>1</i>
                      </span>
                    </th>
                  </>
                )}
                {metrics.map((name) => (
                  <th key={name} scope="col">
                    <span>
                      {METRICS[name].title}
                      {METRICS[name].unit && `, ${METRICS[name].unit}`}
                      <Note about={name} />
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {summaries.map(({ name, isReference, line, means }) => (
                <tr key={name} data-reference={isReference || undefined}>
                  <th scope="row">
                    {name}
                    {isReference && <span className={styles.reference}>reference</span>}
                  </th>
                  {overSeeds && (
                    <>
                      <td>{orDash(line?.s, 3)}</td>
                      <td>{orDash(line?.sUnrel, 3)}</td>
                      <td className={styles.main}>{orDash(line?.sNorm, 3)}</td>
                      <td>
                        {line?.interval
                          ? `${figureText(line.interval[0], 3)} … ${figureText(line.interval[1], 3)}`
                          : "–"}
                      </td>
                      <td className={styles.markColumn}>
                        {line?.sNorm != null && (
                          <IntervalMark value={line.sNorm} interval={line.interval} floor={floor} />
                        )}
                      </td>
                    </>
                  )}
                  {metrics.map((metric) => (
                    <td key={metric}>{isReference ? "–" : orDash(means[metric], METRICS[metric].digits)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
        {floor && (
          <p className={styles.floor}>
            <span className={styles.swatch} aria-hidden="true" />
            {floorText(floor)}
          </p>
        )}
      </section>
      <CellTable grid={grid} settings={settings} partners={partners} numbers={numbers} />
    </div>
  );
}
