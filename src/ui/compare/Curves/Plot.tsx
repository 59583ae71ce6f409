import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import styles from "./Curves.module.css";

export interface PlotProps {
  /** What the picture shows, in words. */
  readonly label: string;
  readonly height: number;
  /** A new object makes a new chart. */
  readonly options: Omit<uPlot.Options, "width" | "height">;
  readonly data: uPlot.AlignedData;
}

/** A chart as wide as its place. */
export function Plot({ label, height, options, data }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot({ ...options, width: element.clientWidth, height }, latest.current, element);
    chart.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [options, height]);
  useEffect(() => chart.current?.setData(data), [data]);
  return <div ref={place} className={styles.plot} role="img" aria-label={label} style={{ height }} />;
}
