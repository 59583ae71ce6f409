import { useMemo } from "react";
import type { RoutedGrid } from "#compare/grid.ts";
import { linesOf } from "#compare/partners.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { useComparison } from "../context.ts";
import { summariesOf } from "../Numbers/summaries.ts";
import { AlongChart } from "./AlongChart.tsx";
import styles from "./Curves.module.css";
import { SpeedChart } from "./SpeedChart.tsx";

export interface CurvesProps {
  readonly grid: RoutedGrid;
  readonly settings: ComparisonSettings;
}

/** Where trajectories part, and what likeness costs. */
export function Curves({ grid, settings }: CurvesProps) {
  const partners = useComparison((comparison) => comparison.partners);
  const numbers = useComparison((comparison) => comparison.numbers);
  const measured = useComparison((comparison) => comparison.lines);
  const summaries = useMemo(
    () => summariesOf(grid, settings, partners, numbers, linesOf(grid, settings), measured),
    [grid, settings, partners, numbers, measured],
  );
  return (
    <div className={styles.curves}>
      <AlongChart grid={grid} settings={settings} summaries={summaries} />
      <SpeedChart grid={grid} summaries={summaries} />
    </div>
  );
}
