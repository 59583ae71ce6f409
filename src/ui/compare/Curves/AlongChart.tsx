import { useCallback, useMemo, useState } from "react";
import type uPlot from "uplot";
import type { RoutedGrid } from "#compare/grid.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { ScrollRegion } from "#ui/shared/ScrollRegion.tsx";
import { useComparison } from "../context.ts";
import { Note } from "../Notes/Note.tsx";
import type { Summary } from "../Numbers/summaries.ts";
import { switchTimeOf } from "../Scrubber/switches.ts";
import { distanceAlong, meanCurve, PARTED, partingTime, TIMES } from "./along.ts";
import { axis } from "./axes.ts";
import styles from "./Curves.module.css";
import { Plot } from "./Plot.tsx";
import { lineColour, useInk } from "./useInk.ts";

export interface AlongChartProps {
  readonly grid: RoutedGrid;
  readonly settings: ComparisonSettings;
  readonly summaries: readonly Summary[];
}

/** More single curves than this only blacken the chart; then the means stand alone. */
const MOST_CURVES = 80;

/** Where trajectories of one seed part, setting by setting. */
export function AlongChart({ grid, summaries }: AlongChartProps) {
  const ink = useInk();
  const numbers = useComparison((comparison) => comparison.numbers);
  const [lit, setLit] = useState<string | null>(null);
  const drawn = useMemo(
    () =>
      summaries
        .filter(({ isReference }) => !isReference)
        .map(({ name, cells }) => {
          const curves = cells.flatMap((cell) => {
            const along = numbers[cell]?.along;
            return along ? [distanceAlong(along)] : [];
          });
          const mean = meanCurve(curves);
          const [first] = cells;
          const cell = grid.cells[first ?? 0];
          return { name, curves, mean, switchAt: cell ? switchTimeOf(cell) : null };
        })
        .filter(({ curves }) => curves.length > 0)
        .map((line, place) => ({ ...line, place })),
    [summaries, numbers, grid],
  );
  const single = drawn.reduce((sum, { curves }) => sum + curves.length, 0) <= MOST_CURVES;
  const colourOf = useCallback((place: number) => lineColour(ink, place, drawn.length), [ink, drawn.length]);
  const data = useMemo<uPlot.AlignedData>(
    () => [
      [...TIMES],
      ...drawn.flatMap(({ curves, mean }) => [...(single ? curves : []), mean].map((curve) => [...curve])),
    ],
    [drawn, single],
  );
  const options = useMemo<Omit<uPlot.Options, "width" | "height">>(() => {
    const series = drawn.flatMap(({ name, curves, place }) => {
      const faded = lit !== null && lit !== name;
      const stroke = faded ? ink.line : colourOf(place);
      const thin: uPlot.Series[] = single
        ? curves.map(() => ({
            stroke: faded ? stroke : `color-mix(in srgb, ${stroke} 35%, transparent)`,
            width: 1,
            points: { show: false },
          }))
        : [];
      return [...thin, { stroke, width: 2.5, points: { show: false } }];
    });
    return {
      legend: { show: false },
      cursor: { show: false },
      pxAlign: false,
      padding: [8, 12, 0, 0],
      scales: {
        x: { time: false, range: [0, 1] },
        y: { range: (_, __, max) => [0, Math.max(0.02, max * 1.05)] },
      },
      series: [{}, ...series],
      axes: [axis(ink, "t, from noise to image"), axis(ink, "distance 1 − cos", { size: 54 })],
      hooks: {
        drawAxes: [
          ({ ctx, bbox, valToPos }) => {
            ctx.save();
            ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
            ctx.lineWidth = devicePixelRatio;
            for (const { switchAt, place } of drawn) {
              if (switchAt === null) continue;
              const x = Math.round(valToPos(switchAt, "x", true));
              ctx.strokeStyle = colourOf(place);
              ctx.globalAlpha = 0.6;
              ctx.beginPath();
              ctx.moveTo(x, bbox.top);
              ctx.lineTo(x, bbox.top + bbox.height);
              ctx.stroke();
            }
            ctx.restore();
          },
        ],
      },
    };
  }, [drawn, single, ink, colourOf, lit]);
  return (
    <section className={styles.chart} aria-label="Distance along t">
      <h2 className={styles.title}>
        Distance along t
        <Note about="along" />
      </h2>
      {drawn.length === 0 ? (
        <p className={styles.empty}>
          The curves appear with the first finished pictures beside the reference.
        </p>
      ) : (
        <>
          <Plot
            label={`Distance to the reference along t for ${drawn.map(({ name }) => name).join(", ")}; the table beside it has the values.`}
            height={300}
            options={options}
            data={data}
          />
          <ScrollRegion label="Distances" tall>
            <table className={styles.legend}>
              <thead>
                <tr>
                  <th scope="col">Setting</th>
                  <th scope="col" title={`First time from which the mean distance stays above ${PARTED}`}>
                    parts at t
                  </th>
                  <th scope="col">at the end</th>
                </tr>
              </thead>
              <tbody onPointerLeave={() => setLit(null)}>
                {drawn.map(({ name, mean, place }) => (
                  <tr key={name} onPointerEnter={() => setLit(name)}>
                    <th scope="row">
                      <span
                        className={styles.colour}
                        style={{ background: colourOf(place) }}
                        aria-hidden="true"
                      />
                      {name}
                    </th>
                    <td>{partingTime(mean)?.toFixed(2) ?? "never"}</td>
                    <td>{mean.findLast((value) => value !== null)?.toFixed(3) ?? "–"}</td>
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
