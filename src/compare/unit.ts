import { RULES } from "#flow/solvers/rules.ts";
import type { DrawingKey, Grid } from "./cell.ts";
import { type Evaluations, evaluationsOf, NO_EVALUATIONS, plus } from "./course.ts";
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

/** Whether the state of a stretch after so many steps of its trajectory is kept. */
export type Kept = (key: StretchKey, steps: number) => boolean;

/** What is sent to the engine at once: alike stretches of different starts, or a part of them that is missing. */
export interface Unit {
  readonly stretches: readonly Stretch[];
  /** Steps that are computed: later than the stretches' own `from` where they go on from a state that is kept. */
  readonly from: number;
  readonly to: number;
}

/** Steps of a stretch that are still to be made; null when nothing is missing. */
export interface Missing {
  readonly from: number;
  readonly to: number;
}

/** What is missing of a stretch: the states at which its branches start, and its end. Computing begins at the last
 *  state before them that is kept; but a solver that remembers its last step begins anew, because a state alone does
 *  not carry that, and going on from it would give other bits. */
export function missingOf(stretch: Stretch, { cuts }: Plan, kept: Kept): Missing | null {
  const { key, of } = stretch;
  const wanted = [...(cuts.get(key) ?? []), of.to].filter((steps) => !kept(key, steps));
  if (wanted.length === 0) return null;
  let from = goesOn(stretch) ? Math.min(...wanted) : of.from;
  while (from > of.from && !kept(key, from)) from--;
  return { from, to: Math.max(...wanted) };
}

/** Whether the state that a stretch starts from is there. */
const isReady = ({ after, of }: Stretch, kept: Kept) => after === null || kept(after, of.from);

const usesHeavy = ({ of }: Stretch) => of.nfe.heavy > 0;

export interface UnitChoice {
  readonly ranks: ReadonlyMap<DrawingKey, Rank>;
  /** Starts that the backend takes side by side. */
  readonly batch: number;
  /** A backend on which a heavy picture takes long: light stretches of the whole grid go first. */
  readonly slow: boolean;
  /** Stretches that cannot be computed, or not now: those that failed, those whose weights are on their way. */
  readonly isHeldUp: (stretch: Stretch) => boolean;
}

/** What to compute next, or null when nothing is left that can be. The most informative stretch first, by its most
 *  informative drawing, then others like it side by side. Pure. */
export function nextUnit(plan: Plan, kept: Kept, choice: UnitChoice): Unit | null {
  const { ranks, batch, slow, isHeldUp } = choice;
  const urgency = (stretch: Stretch): number => {
    const rank = (plan.through.get(stretch.key) ?? []).reduce(
      (best, key) => Math.min(best, ranks.get(key) ?? 2),
      2,
    );
    return slow && usesHeavy(stretch) ? rank + 3 : rank;
  };
  const open = [...plan.stretches.values()]
    .flatMap((stretch, order) => {
      const missing = missingOf(stretch, plan, kept);
      if (!missing || !isReady(stretch, kept) || isHeldUp(stretch)) return [];
      return [{ stretch, order, missing, urgency: urgency(stretch) }];
    })
    .sort((a, b) => a.urgency - b.urgency || a.order - b.order);
  const [first] = open;
  if (!first) return null;
  const { from, to } = first.missing;
  const alike = open.filter(
    ({ stretch, missing }) =>
      stretch.of.kind === first.stretch.of.kind && missing.from === from && missing.to === to,
  );
  return { stretches: alike.slice(0, Math.max(1, batch)).map(({ stretch }) => stretch), from, to };
}

/** Evaluations of some steps of a stretch. */
export const evaluationsIn = ({ of }: Stretch, { from, to }: Missing): Evaluations =>
  evaluationsOf(of.course, of.solver, from, to);

/** Whether computing can go on from a state: not where the solver remembers its last step. */
export const goesOn = ({ of }: Stretch): boolean => !RULES[of.solver].multistep;

/** What is still to be computed of a plan, stretch by stretch. */
export const leftOf = (plan: Plan, kept: Kept): readonly { stretch: Stretch; nfe: Evaluations }[] =>
  [...plan.stretches.values()].flatMap((stretch) => {
    const missing = missingOf(stretch, plan, kept);
    return missing ? [{ stretch, nfe: evaluationsIn(stretch, missing) }] : [];
  });

/** Evaluations that are still to be made. */
export const evaluationsLeft = (plan: Plan, kept: Kept): Evaluations =>
  leftOf(plan, kept).reduce((sum, { nfe }) => plus(sum, nfe), NO_EVALUATIONS);
