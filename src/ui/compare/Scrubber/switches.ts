import type { Cell } from "#compare/cell.ts";
import { choiceOf } from "#state/settings.ts";

/** Marks that can be told apart on the narrowest scrubber. */
const MOST_MARKS = 60;

/** The part of a trajectory, in [0,1], that the model in the light place draws. */
export function lightSpanOf({ settings: { model, tau } }: Cell): readonly [from: number, to: number] {
  const choice = choiceOf(model);
  switch (choice) {
    case "light":
      return [0, 1];
    case "heavy":
      return [1, 1];
    case "c2f":
      return [0, tau];
    case "heavyFirst":
      return [tau, 1];
    default:
      return choice satisfies never;
  }
}

/** When the models of a cell take turns, inside the trajectory; null where one of them draws all of it. */
export const switchTimeOf = (cell: Cell): number | null =>
  lightSpanOf(cell).find((t) => t > 0 && t < 1) ?? null;

/** Switch times of a grid that lie inside the trajectory, each once, in order; every so-manieth of very many. */
export function switchTimes(cells: readonly Cell[]): readonly number[] {
  const times = [...new Set(cells.flatMap((cell) => switchTimeOf(cell) ?? []))].sort((a, b) => a - b);
  const stride = Math.ceil(times.length / MOST_MARKS);
  return times.filter((_, i) => i % stride === 0);
}
