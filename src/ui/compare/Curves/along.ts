import type { CellNumbers } from "#state/compare/comparison.ts";

/** Times at which curves are drawn: 0, 0.01, … 1. */
export const TIMES: readonly number[] = Array.from({ length: 101 }, (_, i) => i / 100);

/** Distance 1 − cos of a cell's trajectory from the other's at TIMES, on straight lines between the recorded times; 0 at
 *  t = 0, where both are the same noise; null after the last recorded time. */
export function distanceAlong({ t, cosine }: NonNullable<CellNumbers["along"]>): readonly (number | null)[] {
  const times = [0, ...t];
  const distances = [0, ...cosine.map((value) => Math.max(0, 1 - value))];
  let at = 0;
  return TIMES.map((time) => {
    while (at + 1 < times.length && (times[at + 1] ?? 1) < time) at++;
    const [from, to] = [times[at] ?? 0, times[at + 1]];
    const low = distances[at] ?? 0;
    if (to === undefined) return time <= from ? low : null;
    const share = to === from ? 1 : (time - from) / (to - from);
    return low + Math.min(1, Math.max(0, share)) * ((distances[at + 1] ?? low) - low);
  });
}

/** Mean of curves, point by point, over those that reach it. */
export function meanCurve(curves: readonly (readonly (number | null)[])[]): readonly (number | null)[] {
  return TIMES.map((_, i) => {
    const there = curves.flatMap((curve) => curve[i] ?? []);
    return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length;
  });
}

/** Trajectories count as parted from so much distance on. */
export const PARTED = 0.01;

/** First of TIMES from which the distance stays above PARTED; null when it ends below. */
export function partingTime(curve: readonly (number | null)[]): number | null {
  const last = curve.findLastIndex((value) => value !== null && value <= PARTED);
  const known = curve.findLastIndex((value) => value !== null);
  return last === known ? null : (TIMES[last + 1] ?? null);
}
