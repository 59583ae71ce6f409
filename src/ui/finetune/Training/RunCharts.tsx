import { useMemo } from "react";
import type uPlot from "uplot";
import type { LiveRun } from "#state/finetune/training.ts";
import { axis } from "#ui/compare/Curves/axes.ts";
import { Plot } from "#ui/compare/Curves/Plot.tsx";
import { useInk } from "#ui/compare/Curves/useInk.ts";
import { lossData, similarityData } from "./curves.ts";
import styles from "./RunCharts.module.css";

/** Loss and similarity over the steps of a run. */
export function RunCharts({ run }: { readonly run: LiveRun }) {
  const ink = useInk();
  const { curve, looks, steps } = run;
  const loss = useMemo<uPlot.AlignedData>(() => lossData(curve, looks), [curve, looks]);
  const alike = useMemo<uPlot.AlignedData>(() => similarityData(looks), [looks]);
  const lossOptions = useMemo<Omit<uPlot.Options, "width" | "height">>(
    () => ({
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 12, 0, 0],
      scales: { x: { time: false, range: [0, steps] } },
      series: [
        {},
        {
          stroke: `color-mix(in srgb, ${ink.series[0]} 28%, transparent)`,
          width: 1,
          points: { show: false },
        },
        { stroke: ink.series[0], width: 2, points: { show: false } },
        {
          stroke: ink.series[1],
          width: 2,
          spanGaps: true,
          points: { show: true, size: 6, fill: ink.series[1] },
        },
      ],
      axes: [axis(ink, "steps"), axis(ink, "loss", { size: 54 })],
    }),
    [ink, steps],
  );
  const alikeOptions = useMemo<Omit<uPlot.Options, "width" | "height">>(
    () => ({
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 12, 0, 0],
      scales: { x: { time: false, range: [0, steps] }, y: { range: (_, low) => [Math.min(0, low), 1] } },
      series: [
        {},
        { stroke: ink.series[2], width: 2, points: { show: true, size: 6, fill: ink.series[2] } },
        { stroke: "transparent", points: { show: false } },
        { stroke: "transparent", points: { show: false } },
      ],
      bands: [{ series: [2, 3], fill: `color-mix(in srgb, ${ink.series[2]} 18%, transparent)` }],
      axes: [axis(ink, "steps"), axis(ink, "s_norm", { size: 54 })],
    }),
    [ink, steps],
  );
  const last = curve[curve.length - 1];
  const held = looks.findLast(({ heldOutLoss }) => heldOutLoss !== null);
  const newest = looks.findLast(({ similarity }) => similarity !== null)?.similarity;
  return (
    <div className={styles.charts}>
      <section aria-labelledby="loss-title">
        <h3 id="loss-title">Loss</h3>
        <p className={styles.key}>
          <i style={{ background: ink.series[0] }} aria-hidden="true" /> training (mean of 20 steps)
          <i style={{ background: ink.series[1] }} aria-hidden="true" /> held-out pictures
        </p>
        {curve.length === 0 ? (
          <p className={styles.empty}>It appears with the first steps.</p>
        ) : (
          <Plot
            label={`Training loss ${last ? last.loss.toFixed(3) : ""} after ${last?.step ?? 0} steps; held-out loss ${held?.heldOutLoss?.toFixed(3) ?? "not measured"}.`}
            height={240}
            options={lossOptions}
            data={loss}
          />
        )}
      </section>
      <section aria-labelledby="alike-title">
        <h3 id="alike-title">Similarity to the base</h3>
        <p className={styles.key}>
          <i style={{ background: ink.series[2] }} aria-hidden="true" /> s_norm of the same seeds
          {newest && ` (${newest.of === "embedding" ? "features" : "latents"}, 95 % interval)`}
        </p>
        {looks.some(({ similarity }) => similarity) ? (
          <Plot
            label={`Normalised similarity to the base ${newest?.sNormalised.value.toFixed(3) ?? ""}; 1 is equal, 0 is unrelated.`}
            height={240}
            options={alikeOptions}
            data={alike}
          />
        ) : (
          <p className={styles.empty}>It appears with the first look.</p>
        )}
      </section>
    </div>
  );
}
