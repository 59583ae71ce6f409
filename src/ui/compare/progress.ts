import type { Comparison } from "#state/compare/comparison.ts";

/** Pictures of the grid that are there. */
export const finishedCount = ({ grid, drawings }: Comparison): number =>
  (grid?.cells ?? []).reduce((count, { key }) => count + (drawings[key]?.status === "finished" ? 1 : 0), 0);

/** Share of the evaluations that need not be made any more, 0 … 1; decoding is not in it. */
export function shareDone({ cost: { planned, left } }: Comparison): number {
  const all = planned.light + planned.heavy;
  return all === 0 ? 0 : 1 - (left.light + left.heavy) / all;
}
