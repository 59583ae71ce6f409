import { RULES } from "#flow/solvers/rules.ts";
import type { DrawingKey, Grid } from "./cell.ts";
import { type Evaluations, NO_EVALUATIONS, plus } from "./course.ts";
import { cellAt } from "./grid.ts";
import type { Plan } from "./plan.ts";
import type { Stretch, StretchKey } from "./route.ts";
import type { Place } from "./settings.ts";

/** How informative a drawing is: 0 in the reference's row, 1 on the diagonal of a panel, 2 elsewhere. */
export type Rank = 0 | 1 | 2;

/** Rank of each drawing; of several cells with one picture the most informative counts. */
export function ranksOf(grid: Grid, reference: Place): ReadonlyMap<DrawingKey, Rank> {
  const at = grid.cells[cellAt(grid, reference)]?.place ?? reference;
  const ranks = new Map<DrawingKey, Rank>();
  for (const { key, place } of grid.cells) {
    const inRow = place.panel === at.panel && place.row === at.row;
    const rank = inRow ? 0 : place.row === place.column ? 1 : 2;
    ranks.set(key, rank < (ranks.get(key) ?? 2) ? rank : (ranks.get(key) ?? 2));
  }
  return ranks;
}

/** How far a stretch has come: the step up to which it is computed, or undefined when it has not begun. */
export type Reached = (key: StretchKey) => number | undefined;

/** What is sent to the engine at once: alike stretches of different starts, or a part of them that is missing. */
export interface Unit {
  readonly stretches: readonly Stretch[];
  /** Steps that are computed: later than the stretches' own `from` where they go on from a state that is kept. */
  readonly from: number;
  readonly to: number;
}

const isDone = (stretch: Stretch, reached: Reached) => (reached(stretch.key) ?? 0) >= stretch.of.to;

/** Where computing a stretch has to begin. A solver that remembers its last step begins anew, because a state alone
 *  does not carry that: going on from it would give other bits. */
export function beginsAt(stretch: Stretch, reached: Reached): number {
  const kept = reached(stretch.key);
  const { from, solver } = stretch.of;
  return kept === undefined || RULES[solver].multistep ? from : Math.max(kept, from);
}

/** Whether the state that a stretch starts from is there. */
const isReady = (stretch: Stretch, reached: Reached) =>
  stretch.after === null || (reached(stretch.after) ?? 0) >= stretch.of.from;

const usesHeavy = ({ of }: Stretch) => of.nfe.heavy > 0;

/** What the stretches of one job have in common. */
const likeness = (stretch: Stretch, reached: Reached): string =>
  [stretch.of.kind, beginsAt(stretch, reached), stretch.of.to].join(" ");

export interface UnitChoice {
  readonly ranks: ReadonlyMap<DrawingKey, Rank>;
  /** Starts that the backend takes side by side. */
  readonly batch: number;
  /** A backend on which a heavy picture takes long: light stretches of the whole grid go first. */
  readonly slow: boolean;
  /** Stretches that cannot be computed. */
  readonly failed: ReadonlySet<StretchKey>;
}

/** What to compute next, or null when nothing is left that can be. The most informative stretch first, by its most
 *  informative drawing, then others like it side by side. Pure. */
export function nextUnit(plan: Plan, reached: Reached, choice: UnitChoice): Unit | null {
  const { ranks, batch, slow, failed } = choice;
  const urgency = (stretch: Stretch): number => {
    const rank = (plan.through.get(stretch.key) ?? []).reduce(
      (best, key) => Math.min(best, ranks.get(key) ?? 2),
      2,
    );
    return slow && usesHeavy(stretch) ? rank + 3 : rank;
  };
  const open = [...plan.stretches.values()]
    .filter((stretch) => !failed.has(stretch.key) && !isDone(stretch, reached) && isReady(stretch, reached))
    .map((stretch, order) => ({ stretch, order, urgency: urgency(stretch) }))
    .sort((a, b) => a.urgency - b.urgency || a.order - b.order);
  const first = open[0]?.stretch;
  if (!first) return null;
  const alike = likeness(first, reached);
  return {
    stretches: open
      .map(({ stretch }) => stretch)
      .filter((stretch) => likeness(stretch, reached) === alike)
      .slice(0, Math.max(1, batch)),
    from: beginsAt(first, reached),
    to: first.of.to,
  };
}

/** Evaluations of a stretch from a step on. A trunk is one model's throughout, and a branch begins at its own `from`. */
export function evaluationsFrom({ of: { nfe, from, to } }: Stretch, begin: number): Evaluations {
  const share = (to - begin) / (to - from);
  return { light: Math.round(nfe.light * share), heavy: Math.round(nfe.heavy * share) };
}

/** Evaluations that are still to be made. */
export const evaluationsLeft = (plan: Plan, reached: Reached): Evaluations =>
  [...plan.stretches.values()]
    .filter((stretch) => !isDone(stretch, reached))
    .reduce(
      (sum, stretch) => plus(sum, evaluationsFrom(stretch, beginsAt(stretch, reached))),
      NO_EVALUATIONS,
    );
