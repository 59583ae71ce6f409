import type { TrackPoint } from "./comparison.ts";

type Latent = Float32Array<ArrayBuffer>;

/** State of a track at time t: on the straight line between the recorded states before and after it, which for Euler is
 *  the trajectory itself. Undefined before the first recorded time and after the last. */
function stateAt(points: readonly TrackPoint[], t: number): Latent | undefined {
  const after = points.findIndex(({ tNext }) => tNext >= t);
  const next = points[after];
  if (!next) return undefined;
  if (next.tNext === t) return next.state;
  const before = points[after - 1];
  if (!before) return undefined;
  const share = (t - before.tNext) / (next.tNext - before.tNext);
  return next.state.map((value, i) => (1 - share) * (before.state[i] ?? 0) + share * value);
}

/** States of two trajectories at the same times: those of the first, the reference's between its own where it has others.
 *  Times at which the reference has none are left out. */
export function pairsAlong(
  points: readonly TrackPoint[],
  reference: readonly TrackPoint[],
): {
  readonly t: readonly number[];
  readonly states: readonly Latent[];
  readonly against: readonly Latent[];
} {
  const pairs = points.flatMap(({ tNext, state }) => {
    const against = stateAt(reference, tNext);
    return against ? [{ t: tNext, state, against }] : [];
  });
  return {
    t: pairs.map(({ t }) => t),
    states: pairs.map(({ state }) => state),
    against: pairs.map(({ against }) => against),
  };
}
