import type { DrawingKey } from "#compare/cell.ts";
import { pointsFor, recordedSteps } from "#compare/record.ts";
import type { Route, StretchKey } from "#compare/route.ts";
import { evaluationsLeft, type Kept } from "#compare/unit.ts";
import {
  type Comparison,
  type Drawing,
  NO_PROGRESS,
  NO_TRACK,
  type StretchProgress,
  type Track,
  WAITING,
} from "./comparison.ts";

/** Whether a state of a stretch is there. */
export const keptIn =
  (stretches: Comparison["stretches"]): Kept =>
  (key, steps) =>
    stretches[key]?.states.has(steps) ?? false;

export const progressOf = (stretches: Comparison["stretches"], key: StretchKey): StretchProgress =>
  stretches[key] ?? NO_PROGRESS;

/** The way of a trajectory through its stretches, as far as it is recorded. */
export function trackOf(stretches: Comparison["stretches"], route: Route): Track {
  const points = route.stretches.flatMap(({ key, of }) =>
    progressOf(stretches, key).points.filter(({ step }) => step >= of.from && step < of.to),
  );
  return points.length > 0 ? { points } : NO_TRACK;
}

/** State at t = 1 of a trajectory that has come to its end. */
export const finalLatent = (
  { stretches, plan }: Pick<Comparison, "stretches" | "plan">,
  key: DrawingKey,
): Float32Array<ArrayBuffer> | undefined => stretches[key]?.states.get(plan.routes.get(key)?.of.steps ?? -1);

/** A drawing that nothing is being computed for: what its stretches have come to. What is finished stays so. */
export function settledDrawing(comparison: Comparison, key: DrawingKey): Drawing {
  const { drawings, stretches, plan } = comparison;
  const now = drawings[key] ?? WAITING;
  const route = plan.routes.get(key);
  if (!route || now.status === "finished") return now;
  const error = route.stretches
    .map((one) => progressOf(stretches, one.key).error)
    .find((one) => one !== null);
  const track = trackOf(stretches, route);
  if (error) return { status: "failed", track, error };
  return { status: finalLatent(comparison, key) ? "drawn" : "waiting", track };
}

/** The drawings that pass through stretches of the plan, each once. */
export const drawingsThrough = (
  { plan }: Pick<Comparison, "plan">,
  keys: readonly StretchKey[],
): readonly DrawingKey[] => [...new Set(keys.flatMap((key) => plan.through.get(key) ?? []))];

export function withDrawings(
  comparison: Comparison,
  keys: readonly DrawingKey[],
  change: (drawing: Drawing, key: DrawingKey) => Drawing,
): Comparison {
  const drawings = { ...comparison.drawings };
  for (const key of keys) drawings[key] = change(drawings[key] ?? WAITING, key);
  return { ...comparison, drawings };
}

/** Steps of a trajectory that this grid records. */
export const recordedIn = ({ grid }: Pick<Comparison, "grid">, steps: number): ReadonlySet<number> =>
  recordedSteps(steps, pointsFor(grid?.cells.length ?? 0));

/** Pictures of the grid that are still to be decoded, and to be seen by the feature networks. */
export function picturesLeft({ plan, drawings, family, featuresError }: Comparison) {
  let decodes = 0;
  let describes = 0;
  const looks = family?.features !== undefined && featuresError === null;
  for (const key of plan.routes.keys()) {
    const drawing = drawings[key];
    if (drawing?.status === "failed") continue;
    if (drawing?.status !== "finished") decodes++;
    if (looks && !(drawing?.status === "finished" && drawing.features)) describes++;
  }
  return { decodes, describes };
}

/** Whether every cell that can be drawn has been, and has been looked at. */
export function isComplete(comparison: Comparison): boolean {
  const { decodes, describes } = picturesLeft(comparison);
  return comparison.grid !== null && decodes === 0 && describes === 0;
}

/** Evaluations left of the plan, those of what failed aside. */
export const left = ({ plan, stretches }: Comparison) => evaluationsLeft(plan, keptIn(stretches));
