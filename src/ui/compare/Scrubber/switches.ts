import type { Cell } from "#compare/cell.ts";

/** Marks that can be told apart on the narrowest scrubber. */
const MOST_MARKS = 60;

/** Share of a trajectory, from its beginning, that the light place's model draws: the switch time of coarse-to-fine. */
export function lightShareOf({ settings: { model, tau } }: Cell): number {
  if (model.startsWith("c2f")) return tau;
  return model === "heavy" ? 0 : 1;
}

/** Switch times of a grid that lie inside the trajectory, each once, in order; every so-manieth of very many. */
export function switchTimes(cells: readonly Cell[]): readonly number[] {
  const times = [...new Set(cells.map(lightShareOf))].filter((t) => t > 0 && t < 1).sort((a, b) => a - b);
  const stride = Math.ceil(times.length / MOST_MARKS);
  return times.filter((_, i) => i % stride === 0);
}
