import type { Family } from "#checkpoints/manifest.ts";
import type { Grid } from "#compare/cell.ts";
import { NO_EVALUATIONS, plus } from "#compare/course.ts";
import { estimate } from "#compare/estimate.ts";
import { cellAt, gridOf } from "#compare/grid.ts";
import { partnersOf } from "#compare/partners.ts";
import { EMPTY_PLAN, planOf } from "#compare/plan.ts";
import type { ComparisonSettings, Place } from "#compare/settings.ts";
import { type CellNumbers, type Comparison, INITIAL_COMPARISON } from "./comparison.ts";
import { isComplete, keptIn, left, picturesLeft, settledDrawing } from "./progress.ts";

/** The place itself where the grid has it, else the nearest that it has. */
const placeWithin = (grid: Grid, place: Place): Place => grid.cells[cellAt(grid, place)]?.place ?? place;

const only = <T>(of: Readonly<Record<string, T>>, keys: ReadonlyMap<string, unknown>): Record<string, T> =>
  Object.fromEntries(Object.entries(of).filter(([key]) => keys.has(key)));

/** Numbers follow their pair of pictures to its new places; those of other pairs fall away. */
function numbersOf(before: Comparison, after: Pick<Comparison, "grid" | "partners">): Comparison["numbers"] {
  const pair = (key: string | undefined, against: string | undefined) => `${key} ~ ${against}`;
  const known = new Map<string, CellNumbers>();
  before.numbers.forEach((numbers, i) => {
    if (numbers) known.set(pair(before.grid?.cells[i]?.key, numbers.against), numbers);
  });
  const cells = after.grid?.cells ?? [];
  return cells.map(({ key }, i) => known.get(pair(key, cells[after.partners[i] ?? i]?.key)) ?? null);
}

/** Milliseconds and evaluations that are left, told anew; done when something closes, not with every step. */
export function withTimeLeft(comparison: Comparison): Comparison {
  const { family, plan, stretches, pace, cost } = comparison;
  if (!family || !comparison.grid) return { ...comparison, timeLeft: null };
  const remaining = { plan, kept: keptIn(stretches), ...picturesLeft(comparison) };
  return {
    ...comparison,
    timeLeft: estimate(remaining, pace, family),
    cost: { ...cost, left: left(comparison) },
  };
}

/** Everything that has been drawn is let go; how long things take here is remembered. */
export function emptied(comparison: Comparison): Comparison {
  const { settings, family, pace, backend, work, scrub, generation } = comparison;
  const empty = {
    ...INITIAL_COMPARISON,
    settings,
    family,
    pace,
    backend,
    work,
    generation: generation + 1,
  };
  return replanned({ ...empty, scrub: scrub && { ...scrub, decoded: {} } }, settings, family);
}

/** The comparison under other settings. Whatever of it still applies stays: stretches, pictures, numbers. Settings that make
 *  no grid keep everything, since most often they are on the way to some that do. Another family keeps nothing. */
export function replanned(
  before: Comparison,
  settings: ComparisonSettings,
  family: Family | null,
): Comparison {
  if (before.family && family && before.family.name !== family.name)
    return replanned(emptied({ ...before, family }), settings, family);
  const bare: Comparison = {
    ...before,
    settings,
    family,
    grid: null,
    plan: EMPTY_PLAN,
    partners: [],
    numbers: [],
    lines: [],
    noiseFloor: null,
    timeLeft: null,
    run: { status: "idle" },
  };
  if (!family) return { ...bare, problem: null };
  const grid = gridOf(settings, family);
  if (!grid.ok) return { ...bare, problem: grid.error };
  const plan = planOf(grid.value);
  const placedSettings = { ...settings, reference: placeWithin(grid.value, settings.reference) };
  const partners = partnersOf(grid.value, settings);
  const stretches = only(before.stretches, plan.stretches);
  const placed: Comparison = {
    ...bare,
    settings: placedSettings,
    problem: null,
    grid: grid.value,
    plan,
    partners,
    stretches,
    drawings: only(before.drawings, plan.routes),
    run: before.run,
    ms: 0,
  };
  const drawings = Object.fromEntries(
    [...plan.routes.keys()].map((key) => [key, settledDrawing(placed, key)] as const),
  );
  const rest = left(placed);
  const { planned, naive } = plan.nfe;
  const kept = plus(planned, rest, -1);
  const after: Comparison = {
    ...placed,
    drawings,
    numbers: numbersOf(before, placed),
    cost: { planned, naive, kept, spent: NO_EVALUATIONS, left: rest },
  };
  const { status } = before.run;
  const goesOn = status === "running" || status === "loading" || status === "asks" || status === "paused";
  if (isComplete(after)) return withTimeLeft({ ...after, run: { status: "finished", ms: 0 } });
  return withTimeLeft({ ...after, run: goesOn ? before.run : { status: "idle" } });
}

/** The comparison against another reference; nothing is drawn anew. */
export function referenced(before: Comparison, settings: ComparisonSettings): Comparison {
  if (!before.grid) return { ...before, settings };
  const partners = partnersOf(before.grid, settings);
  const after = { ...before, settings, partners };
  return { ...after, numbers: numbersOf(before, after), lines: [], noiseFloor: null };
}
