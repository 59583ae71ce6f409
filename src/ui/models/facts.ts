import type { ModelEntry } from "#checkpoints/manifest.ts";
import type { LocalModel } from "#library/localModel.ts";
import type { Fact } from "./Facts.tsx";

const number = new Intl.NumberFormat("en");

/** 19558576 → "19.6 M": millions as this field counts parameters. */
export function parametersText(count: number): string {
  if (count < 1e6) return `${(count / 1e3).toFixed(0)} k`;
  return `${(count / 1e6).toFixed(1)} M`;
}

/** How weights came to be, line by line; one line when nobody wrote it down. */
export function recipeFacts(recipe: ModelEntry["recipe"]): readonly Fact[] {
  if (!recipe) return [["Training", "nobody wrote it down"]];
  const { data, steps, samples_seen: seen, minutes, device, loss, seed, notes } = recipe;
  return [
    ["Data", data],
    ["Steps", steps === null ? "not written down" : number.format(steps)],
    ["Pictures seen", number.format(seen)],
    ["Time", `${minutes < 10 ? minutes.toFixed(1) : Math.round(minutes)} min on ${device}`],
    ...(loss === null ? [] : [["Last loss", short(loss)] as const]),
    ...(seed === null ? [] : [["Training seed", String(seed)] as const]),
    ...(notes === "" ? [] : [["Notes", notes] as const]),
  ];
}

/** Measured numbers with their 95 % intervals. */
export const metricFacts = (metrics: LocalModel["metrics"]): readonly Fact[] =>
  metrics.map(({ name, value, low, high, unit }) => {
    const range = low === undefined || high === undefined ? "" : ` (${short(low)} to ${short(high)})`;
    return [name, `${short(value)}${unit ? ` ${unit}` : ""}${range}`];
  });

const short = (value: number): string => String(Number(value.toPrecision(4)));
