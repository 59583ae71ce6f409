import type { Grid } from "#compare/cell.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { valueWords } from "#compare/words.ts";
import type { CellNumbers } from "#state/compare/comparison.ts";
import { ScrollRegion } from "#ui/shared/ScrollRegion.tsx";
import { useLook } from "../context.ts";
import { figureText, METRICS, type Metric, shareOf } from "../metrics.ts";
import { cividis } from "../scale.ts";
import styles from "./Numbers.module.css";

export interface CellTableProps {
  readonly grid: Grid;
  readonly settings: ComparisonSettings;
  readonly partners: readonly number[];
  readonly numbers: readonly (CellNumbers | null)[];
}

const count = (length: number) => Array.from({ length }, (_, i) => i);

/** The chosen figure of every cell, where the cell stands in the grid. */
export function CellTable({ grid, settings, partners, numbers }: CellTableProps) {
  const metric: Metric = METRICS[useLook((look) => look.metric)];
  const { rows, columns, panels } = settings;
  return (
    <section aria-label="Cells">
      <h2 className={styles.title}>
        {metric.title}
        {metric.unit && `, ${metric.unit}`} of every cell
      </h2>
      {count(grid.panels).map((panel) => (
        <ScrollRegion
          key={panels ? valueWords(panels, panel) : "only"}
          label={`Table of cells${panels ? `, ${valueWords(panels, panel)}` : ""}`}
        >
          {panels && <h3 className={styles.panel}>{valueWords(panels, panel)}</h3>}
          <table className={styles.cells}>
            <thead>
              <tr>
                <td />
                {count(grid.columns).map((column) => (
                  <th key={column} scope="col">
                    {valueWords(columns, column)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {count(grid.rows).map((row) => (
                <tr key={row}>
                  <th scope="row">{valueWords(rows, row)}</th>
                  {count(grid.columns).map((column) => {
                    const cell = (panel * grid.rows + row) * grid.columns + column;
                    const measured = numbers[cell];
                    const value = measured && partners[cell] !== cell ? metric.of(measured) : null;
                    const share = value === null ? null : shareOf(metric, value);
                    return (
                      <td key={column}>
                        {partners[cell] === cell ? (
                          <span className={styles.self}>ref.</span>
                        ) : value === null ? (
                          "–"
                        ) : (
                          figureText(value, metric.digits)
                        )}
                        <span className={styles.cellBar} aria-hidden="true">
                          {share !== null && (
                            <span style={{ width: `${share * 100}%`, background: cividis(share) }} />
                          )}
                        </span>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      ))}
    </section>
  );
}
