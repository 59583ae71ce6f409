import type { Evaluations } from "#workers/protocol.ts";

/** One mark under the slider: a solver step, or a few that share a mark where there are more than fit. */
export interface Tick {
  /** Where the step begins, 0 … 1. */
  readonly at: number;
  readonly served: "light" | "heavy";
}

/** Marks that can be told apart on the narrowest slider (280 px). */
const MOST_TICKS = 120;

/** A mark per solver step at its t, at most MOST_TICKS of them, evenly chosen. */
export function ticksOf(steps: readonly ("light" | "heavy")[]): readonly Tick[] {
  const stride = Math.ceil(steps.length / MOST_TICKS);
  return steps.map((served, i) => ({ at: i / steps.length, served })).filter((_, i) => i % stride === 0);
}

const part = (count: number, name: string) => (count > 0 ? `${count} ${name}` : null);

/** "42 light + 17 heavy", or one of them alone. */
export const countsText = ({ light, heavy }: Evaluations): string =>
  [part(light, "light"), part(heavy, "heavy")].filter((text) => text !== null).join(" + ");

/** "42 light + 17 heavy steps", "1 light step". */
export const stepsText = (counts: Evaluations): string =>
  `${countsText(counts)} ${counts.light + counts.heavy === 1 ? "step" : "steps"}`;
