import type { CellNumbers, Drawing, TrackPoint } from "#state/compare/comparison.ts";
import type { Pixels } from "#state/pixels.ts";

/** The last recorded point that begins at t or before; undefined before the first one. Points are in order of t. */
export function pointAt(points: readonly TrackPoint[], t: number): TrackPoint | undefined {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.t ?? 0) <= t) low = middle + 1;
    else high = middle;
  }
  return points[low - 1];
}

const previewOf = (point: TrackPoint | undefined): Pixels | null => point?.preview ?? null;

/** Pixels of a drawing: finished, the picture; on its way, the latest x̂1. */
export function pixelsNow(drawing: Drawing | undefined): Pixels | null {
  if (!drawing) return null;
  return drawing.status === "finished" ? drawing.picture.pixels : previewOf(drawing.track.points.at(-1));
}

/** Pixels of a drawing at time t: its full decode where there is one, else the linear map of x̂1. */
export function pixelsAt(
  drawing: Drawing | undefined,
  t: number,
  decoded: Pixels | undefined,
): Pixels | null {
  return decoded ?? (drawing ? previewOf(pointAt(drawing.track.points, t)) : null);
}

/** Cosine of the states at t, the last one recorded until then; 1 before the first, when both are still the same noise. */
export function cosineAt(along: CellNumbers["along"], t: number): number | null {
  if (!along) return null;
  const at = along.t.findLastIndex((time) => time <= t);
  return at < 0 ? 1 : (along.cosine[at] ?? null);
}
