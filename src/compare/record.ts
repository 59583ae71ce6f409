import type { Plan } from "./plan.ts";
import type { Unit } from "./unit.ts";

/** Most recorded points of one trajectory. */
export const RECORDED_POINTS = 60;

/** Cells for which as many points as that are kept: 256 trajectories of 4 KiB latents take about 140 MB. */
const CELLS_IN_FULL = 256;

/** How many points of each trajectory a grid of so many cells records. */
export const pointsFor = (cells: number): number =>
  Math.max(2, Math.min(RECORDED_POINTS, Math.floor((RECORDED_POINTS * CELLS_IN_FULL) / Math.max(1, cells))));

/** 0-based steps of a trajectory that are recorded: all, or `points` of them spread evenly, the first and the last always.
 *  They follow from the number of steps alone, so that every stretch of it records the same. */
export function recordedSteps(steps: number, points: number): ReadonlySet<number> {
  if (steps <= points) return new Set(Array.from({ length: steps }, (_, i) => i));
  return new Set(Array.from({ length: points }, (_, k) => Math.round((k * (steps - 1)) / (points - 1))));
}

/** Steps of a unit after which the engine is asked for states: those that are recorded, and those at whose end a branch
 *  starts. Increasing. */
export function recordOf({ stretches, from, to }: Unit, { cuts }: Plan, points: number): readonly number[] {
  const steps = (stretches[0]?.of.steps ?? 1) - 1;
  const starts = new Set(stretches.flatMap(({ key }) => cuts.get(key) ?? []));
  const recorded = recordedSteps(steps, points);
  return Array.from({ length: to - from }, (_, i) => from + i).filter(
    (step) => recorded.has(step) || starts.has(step + 1),
  );
}
