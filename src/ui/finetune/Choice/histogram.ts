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
  /** Bins are of equal ratio, since the values spread over many powers of ten. */
  readonly isLog: boolean;
}

const BINS = 40;
/** Share of the values at either end that may lie beyond the axis, so that a few outliers do not flatten the rest. */
const BEYOND = 0.005;

/** Ratio of the ends beyond which bins of equal width would hold nearly everything in the first of them. */
const LOG_FROM = 1000;

/** Values in bins of equal width, or of equal ratio where they are positive and spread over more than three powers of ten; kept and
 *  dropped apart, everything counts as kept without a mask. */
export function histogram(values: Float64Array, mask: Uint8Array | null): HistogramView {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const low = at(BEYOND);
  const high = at(1 - BEYOND);
  const isLog = low > 0 && high > LOG_FROM * low;
  const placeOf = isLog ? Math.log : Number;
  const valueAt = isLog ? Math.exp : Number;
  const start = placeOf(low);
  const width = (placeOf(high) - start) / BINS || 1;
  const bins = Array.from({ length: BINS }, (_, bin) => ({
    from: valueAt(start + bin * width),
    kept: 0,
    dropped: 0,
  }));
  values.forEach((value, index) => {
    const place = Math.floor((placeOf(Math.max(low, value)) - start) / width);
    const bin = bins[Math.min(BINS - 1, Math.max(0, place))];
    if (mask === null || mask[index] === 1) bin.kept++;
    else bin.dropped++;
  });
  return { bins, low, high, median: at(0.5), isLog };
}
