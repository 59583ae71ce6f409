import type { DrawingKey } from "./cell.ts";
import { type Evaluations, NO_EVALUATIONS, plus } from "./course.ts";
import type { RoutedGrid } from "./grid.ts";
import type { Route, Stretch, StretchKey } from "./route.ts";

/** What there is to compute for a grid: each stretch once, however many cells show it. */
export interface Plan {
  readonly routes: ReadonlyMap<DrawingKey, Route>;
  /** A trunk reaches as far as the last cell needs it. In the order of the cells, a trunk before its branches. */
  readonly stretches: ReadonlyMap<StretchKey, Stretch>;
  /** Drawings that pass through a stretch. */
  readonly through: ReadonlyMap<StretchKey, readonly DrawingKey[]>;
  /** Steps of a trunk at which branches start: 0-based, the state is that after step − 1. Increasing. */
  readonly cuts: ReadonlyMap<StretchKey, readonly number[]>;
  /** Function evaluations when every stretch is computed once, and when every cell is drawn for itself. */
  readonly nfe: { readonly planned: Evaluations; readonly naive: Evaluations };
}

/** The plan of a grid. Pure; does not look at what is there already. */
export function planOf({ cells, routes }: RoutedGrid): Plan {
  const stretches = new Map<StretchKey, Stretch>();
  const through = new Map<StretchKey, DrawingKey[]>();
  const cuts = new Map<StretchKey, Set<number>>();
  for (const route of routes.values()) {
    for (const stretch of route.stretches) {
      const longest = stretches.get(stretch.key);
      if (!longest || longest.of.to < stretch.of.to) stretches.set(stretch.key, stretch);
      const drawings = through.get(stretch.key);
      if (drawings) drawings.push(route.key);
      else through.set(stretch.key, [route.key]);
      if (stretch.after !== null) {
        const at = cuts.get(stretch.after) ?? new Set();
        cuts.set(stretch.after, at.add(stretch.of.from));
      }
    }
  }
  return {
    routes,
    stretches,
    through,
    cuts: new Map([...cuts].map(([key, at]) => [key, [...at].sort((a, b) => a - b)])),
    nfe: {
      planned: sum([...stretches.values()], ({ of }) => of.nfe),
      naive: sum(cells, ({ key }) => routes.get(key)?.of.nfe ?? NO_EVALUATIONS),
    },
  };
}

const sum = <T>(of: readonly T[], nfe: (one: T) => Evaluations): Evaluations =>
  of.reduce((total, one) => plus(total, nfe(one)), NO_EVALUATIONS);

export const EMPTY_PLAN: Plan = {
  routes: new Map(),
  stretches: new Map(),
  through: new Map(),
  cuts: new Map(),
  nfe: { planned: NO_EVALUATIONS, naive: NO_EVALUATIONS },
};
