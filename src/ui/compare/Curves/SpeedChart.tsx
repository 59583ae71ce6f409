import { useMemo } from "react";
import type uPlot from "uplot";
import type { RoutedGrid } from "#compare/grid.ts";
import { durationText } from "#ui/shared/format.ts";
import { ScrollRegion } from "#ui/shared/ScrollRegion.tsx";
import { useComparison, useLook } from "../context.ts";
import { figureText, METRICS, type Metric } from "../metrics.ts";
import { Note } from "../Notes/Note.tsx";
import type { Summary } from "../Numbers/summaries.ts";
import { axis, CANVAS_FONT } from "./axes.ts";
import styles from "./Curves.module.css";
import { Plot } from "./Plot.tsx";
import { paretoFront } from "./pareto.ts";
import { costOf, type SpeedUnit } from "./speed.ts";
import { type Ink, useInk } from "./useInk.ts";

export interface SpeedChartProps {
  readonly grid: RoutedGrid;
  readonly summaries: readonly Summary[];
}

interface Point {
  readonly name: string;
  readonly cost: number;
  readonly gain: number;
  readonly interval: readonly [number, number] | null;
  readonly isCurrent: boolean;
  readonly isReference: boolean;
}

const SIMILARITY = (
  <>
    s<sub>norm</sub>
  </>
);

/** What is shown upwards: s_norm where it is measured, else the figure that stands under the pictures. */
function gainOf(summary: Summary, metric: Metric, key: keyof Summary["means"], bySimilarity: boolean) {
  if (bySimilarity) return summary.isReference ? 1 : (summary.line?.sNorm ?? null);
  if (summary.isReference) return metric.unit === "" ? 1 : null;
  const mean = summary.means[key];
  return mean !== null && Number.isFinite(mean) ? mean : null;
}

/** Draws points, their intervals and names, and the stepped front. */
function drawPoints(chart: uPlot, points: readonly Point[], front: readonly Point[], ink: Ink): void {
  const { ctx, bbox } = chart;
  const dpr = devicePixelRatio || 1;
  const at = ({ cost, gain }: Point) => ({
    x: chart.valToPos(cost, "x", true),
    y: chart.valToPos(gain, "y", true),
  });
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = ink.accent;
  ctx.lineWidth = 1.5 * dpr;
  ctx.globalAlpha = 0.55;
  ctx.beginPath();
  front.map(at).forEach(({ x, y }, i, all) => {
    if (i === 0) ctx.moveTo(x, y);
    else {
      ctx.lineTo(x, all[i - 1]?.y ?? y);
      ctx.lineTo(x, y);
    }
  });
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.font = CANVAS_FONT.replace("12px", `${12 * dpr}px`);
  const named: { readonly left: number; readonly right: number; readonly y: number }[] = [];
  // The current setting is named first; a name that would run into another one is left to the table.
  for (const point of [...points].sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent))) {
    const { x, y } = at(point);
    const onFront = front.includes(point);
    ctx.strokeStyle = onFront ? ink.accent : ink.soft;
    ctx.fillStyle = onFront ? ink.accent : ink.surface;
    ctx.lineWidth = 1.5 * dpr;
    if (point.interval) {
      ctx.beginPath();
      ctx.moveTo(x, chart.valToPos(point.interval[0], "y", true));
      ctx.lineTo(x, chart.valToPos(point.interval[1], "y", true));
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.arc(x, y, 4.5 * dpr, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    if (point.isCurrent) {
      ctx.strokeStyle = ink.ink;
      ctx.beginPath();
      ctx.arc(x, y, 8.5 * dpr, 0, 2 * Math.PI);
      ctx.stroke();
    }
    const right = x > bbox.left + 0.7 * bbox.width;
    ctx.fillStyle = point.isCurrent ? ink.ink : ink.soft;
    ctx.textAlign = right ? "right" : "left";
    const width = ctx.measureText(point.name).width;
    const from = right ? x - 11 * dpr - width : x + 11 * dpr;
    const place = { left: from, right: from + width, y };
    const taken = named.some(
      (one) => Math.abs(one.y - y) < 14 * dpr && one.left < place.right && place.left < one.right,
    );
    if (taken) continue;
    named.push(place);
    ctx.fillText(point.name, x + (right ? -11 : 11) * dpr, y - 10 * dpr);
  }
  ctx.restore();
}

/** What likeness costs: every setting by its time and its similarity to the reference. */
export function SpeedChart({ grid, summaries }: SpeedChartProps) {
  const ink = useInk();
  const pace = useComparison((comparison) => comparison.pace);
  const metricName = useLook((look) => look.metric);
  const activeCell = useLook((look) => look.active);
  const metric: Metric = METRICS[metricName];
  const bySimilarity = summaries.some(({ line }) => line?.sNorm != null);
  const { points, unit } = useMemo(() => {
    const inUnit = (unit: SpeedUnit) =>
      summaries.flatMap((summary): Point[] => {
        const cost = costOf(summary.cells, grid, pace, unit);
        const gain = gainOf(summary, metric, metricName, bySimilarity);
        if (cost === null || gain === null) return [];
        const { name, isReference, line, cells } = summary;
        const interval = bySimilarity ? (line?.interval ?? null) : null;
        return [{ name, cost, gain, interval, isReference, isCurrent: cells.includes(activeCell) }];
      });
    const timed = inUnit("ms");
    const counted = inUnit("nfe");
    return timed.length >= counted.length
      ? { points: timed, unit: "ms" as const }
      : { points: counted, unit: "nfe" as const };
  }, [summaries, grid, pace, metric, metricName, bySimilarity, activeCell]);
  const front = useMemo(() => paretoFront(points), [points]);
  const gainTitle = bySimilarity ? "normalised similarity" : metric.title;
  const data = useMemo<uPlot.AlignedData>(() => {
    const sorted = [...points].sort((a, b) => a.cost - b.cost);
    return [sorted.map(({ cost }) => cost), sorted.map(({ gain }) => gain)];
  }, [points]);
  const options = useMemo<Omit<uPlot.Options, "width" | "height">>(() => {
    const dearest = Math.max(...points.map(({ cost }) => cost), 0);
    const lows = points.flatMap(({ gain, interval }) => [gain, interval?.[0] ?? gain]);
    const highs = points.flatMap(({ gain, interval }) => [gain, interval?.[1] ?? gain]);
    const low = Math.min(...lows);
    const high = Math.max(...highs);
    const room = Math.max(0.02, (high - low) * 0.12);
    return {
      legend: { show: false },
      cursor: { show: false },
      pxAlign: false,
      padding: [8, 28, 0, 0],
      scales: {
        x: { time: false, range: [0, dearest * 1.08] },
        y: { range: [low - room, high + room] },
      },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [
        axis(ink, unit === "ms" ? "time of one picture, drawn alone" : "evaluations of one picture, NFE", {
          values: (_, ticks) => ticks.map((tick) => (unit === "ms" ? durationText(tick) : String(tick))),
        }),
        axis(ink, gainTitle, { size: 54 }),
      ],
      hooks: { draw: [(chart) => drawPoints(chart, points, front, ink)] },
    };
  }, [points, front, ink, unit, gainTitle]);
  const costText = (cost: number) => (unit === "ms" ? durationText(cost) : `${Math.round(cost)} NFE`);
  return (
    <section className={styles.chart} aria-label="Speed against similarity">
      <h2 className={styles.title}>
        Speed against similarity
        <Note about="speed" />
      </h2>
      {points.length < 2 ? (
        <p className={styles.empty}>
          Two settings have to be finished before they can be weighed against each other.
        </p>
      ) : (
        <>
          <Plot
            label={`Settings by ${unit === "ms" ? "time" : "evaluations"} and ${gainTitle}; the table beside it has the values.`}
            height={300}
            options={options}
            data={data}
          />
          <ScrollRegion label="Settings by speed" tall>
            <table className={styles.legend}>
              <thead>
                <tr>
                  <th scope="col">Setting</th>
                  <th scope="col">{unit === "ms" ? "one picture" : "evaluations"}</th>
                  <th scope="col">{bySimilarity ? SIMILARITY : gainTitle}</th>
                </tr>
              </thead>
              <tbody>
                {points.map((point) => (
                  <tr key={point.name} data-current={point.isCurrent || undefined}>
                    <th scope="row">
                      <i data-front={front.includes(point) || undefined} aria-hidden="true" />
                      {point.name}
                      {front.includes(point) && <span className={styles.hidden}>, on the front</span>}
                    </th>
                    <td>{costText(point.cost)}</td>
                    <td>{figureText(point.gain, bySimilarity ? 3 : metric.digits)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </>
      )}
    </section>
  );
}
