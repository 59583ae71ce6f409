import type { CellNumbers, Comparison } from "#state/compare/comparison.ts";

/** A figure that cells are compared by, as it is shown. */
export interface Metric {
  readonly title: string;
  /** Behind the number; empty where it has none. */
  readonly unit: string;
  /** Ends of the scale that the bar under a picture is drawn on; beyond them it is full or empty. */
  readonly scale: readonly [low: number, high: number];
  /** Digits after the point. */
  readonly digits: number;
  /** null where it cannot be had; Infinity for the PSNR of equal pictures. */
  readonly of: (numbers: CellNumbers) => number | null;
}

export const METRICS = {
  ssim: {
    title: "SSIM",
    unit: "",
    scale: [0, 1],
    digits: 3,
    of: ({ image }) => image?.ssim ?? null,
  },
  psnr: {
    title: "PSNR",
    unit: "dB",
    scale: [5, 40],
    digits: 1,
    of: ({ image }) => (image ? (image.psnr ?? Number.POSITIVE_INFINITY) : null),
  },
  latent: {
    title: "Latent cosine",
    unit: "",
    scale: [0, 1],
    digits: 3,
    of: ({ latentCosine }) => latentCosine,
  },
  embedding: {
    title: "Embedding cosine",
    unit: "",
    scale: [0, 1],
    digits: 3,
    of: ({ embeddingCosine }) => embeddingCosine,
  },
  attributes: {
    title: "Attributes kept",
    unit: "",
    scale: [0, 1],
    digits: 2,
    of: ({ attributes }) => (attributes && attributes.of > 0 ? attributes.agreed / attributes.of : null),
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = [
  "ssim",
  "psnr",
  "latent",
  "embedding",
  "attributes",
] as const satisfies readonly MetricName[];

export const isMetricName = (text: string): text is MetricName => METRIC_NAMES.some((name) => name === text);

/** Where a value lies on the metric's scale, 0 … 1. */
export function shareOf({ scale: [low, high] }: Metric, value: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

const MINUS = "−";

/** A number with a fixed count of digits, so that columns line up; "∞" for the PSNR of equal pictures. */
export function figureText(value: number, digits: number): string {
  if (value === Number.POSITIVE_INFINITY) return "∞";
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `${MINUS}${text}` : text;
}

/** The same with its unit: "23.4 dB", "0.871". */
export function metricText({ digits, unit }: Metric, value: number): string {
  const figure = figureText(value, digits);
  return unit === "" ? figure : `${figure} ${unit}`;
}

/** Metrics that at least one cell has; all of them before anything has been measured. */
export function metricsAt(numbers: Comparison["numbers"]): readonly MetricName[] {
  const measured = numbers.filter((one) => one !== null);
  if (measured.length === 0) return METRIC_NAMES;
  const there = METRIC_NAMES.filter((name) => measured.some((one) => METRICS[name].of(one) !== null));
  return there.length > 0 ? there : METRIC_NAMES;
}
