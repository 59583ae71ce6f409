import type uPlot from "uplot";
import type { Ink } from "./useInk.ts";

const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

/** An axis in the page's colours. */
export function axis(ink: Ink, label: string, rest: uPlot.Axis = {}): uPlot.Axis {
  return {
    label,
    labelFont: FONT,
    labelSize: 20,
    labelGap: 0,
    size: 30,
    font: FONT,
    stroke: ink.soft,
    grid: { stroke: ink.line, width: 1 },
    ticks: { stroke: ink.line, width: 1, size: 4 },
    values: (_, ticks) => ticks.map((tick) => String(Number(tick.toFixed(4)))),
    ...rest,
  };
}

export const CANVAS_FONT = FONT;
