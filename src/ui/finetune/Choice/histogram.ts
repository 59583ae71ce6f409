export interface Bin {
  readonly from: number;
  readonly kept: number;
  readonly dropped: number;
}

export interface HistogramView {
  readonly bins: readonly Bin[];
  /** Ends of the axis: values beyond lie in the outer bins. */
  readonly low: number;
  readonly high: number;
  readonly median: number;
}

const BINS = 40;
/** Share of the values at either end that may lie beyond the axis, so that a few outliers do not flatten the rest. */
const BEYOND = 0.005;

/** Values in bins of equal width, kept and dropped apart; everything counts as kept without a mask. */
export function histogram(values: Float64Array, mask: Uint8Array | null): HistogramView {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const low = at(BEYOND);
  const high = at(1 - BEYOND);
  const width = (high - low) / BINS || 1;
  const bins = Array.from({ length: BINS }, (_, bin) => ({ from: low + bin * width, kept: 0, dropped: 0 }));
  values.forEach((value, index) => {
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.floor((value - low) / width)))];
    if (mask === null || mask[index] === 1) bin.kept++;
    else bin.dropped++;
  });
  return { bins, low, high, median: at(0.5) };
}
