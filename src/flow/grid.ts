/** A time grid is two or more finite times in [0,1], each after the one before (or each before, for an
 *  inversion). */
export class GridError extends RangeError {
  override readonly name = "GridError";
}

/** t_i = i / (points − 1): `points` grid points, `points − 1` solver steps, in float64, no shift.
 *  Throws GridError for fewer than two points or a fraction of one. Source: method §2. */
export function uniformGrid(points: number): number[] {
  if (!Number.isSafeInteger(points) || points < 2)
    throw new GridError(`a grid has 2 or more points, not ${points}`);
  return Array.from({ length: points }, (_, i) => i / (points - 1));
}

/** Times from data down to tau in equal steps: t_i = 1 + i (tau − 1) / steps, `steps + 1` points.
 *  Throws GridError unless 0 ≤ tau < 1 and steps is a positive integer. */
export function inversionGrid(tau: number, steps: number): number[] {
  if (!(tau >= 0 && tau < 1)) throw new GridError(`an inversion ends at a time 0 ≤ tau < 1, not ${tau}`);
  if (!Number.isSafeInteger(steps) || steps < 1)
    throw new GridError(`an inversion takes 1 or more steps, not ${steps}`);
  return Array.from({ length: steps + 1 }, (_, i) => (i === steps ? tau : 1 + (i * (tau - 1)) / steps));
}

/** Throws GridError unless `grid` is a time grid as described above. */
export function assertGrid(grid: readonly number[]): void {
  if (grid.length < 2) throw new GridError(`a grid has 2 or more points, not ${grid.length}`);
  const direction = Math.sign(grid[1] - grid[0]);
  for (const [i, t] of grid.entries()) {
    if (!(t >= 0 && t <= 1)) throw new GridError(`grid point ${i} is ${t}, outside 0 … 1`);
    const before = grid[i - 1];
    if (before !== undefined && Math.sign(t - before) !== direction) {
      throw new GridError(`grid point ${i} (${t}) does not follow ${before} in the direction of the grid`);
    }
    if (direction === 0) throw new GridError(`grid points 0 and 1 are both ${t}`);
  }
}
