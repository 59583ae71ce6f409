import { findFamily, type Manifest } from "#checkpoints/manifest.ts";
import { plus } from "#compare/course.ts";
import { LOADING_IN_LOOKS, type Timed, withTime } from "#compare/estimate.ts";
import { gridOf } from "#compare/grid.ts";
import { evaluationsIn } from "#compare/unit.ts";
import { SOLVERS } from "#flow/solvers/names.ts";
import type { EngineError, EngineEvent } from "#workers/protocol.ts";
import { type Pixels, pixelsOf } from "../pixels.ts";
import {
  type Comparison,
  type Drawing,
  NO_PROGRESS,
  type StretchProgress,
  type TrackPoint,
  type Work,
} from "./comparison.ts";
import type { ComparisonEvent } from "./events.ts";
import {
  drawingsThrough,
  finalLatent,
  isComplete,
  progressOf,
  recordedIn,
  settledDrawing,
  trackOf,
  withDrawings,
} from "./progress.ts";
import { emptied, referenced, replanned, withTimeLeft } from "./replan.ts";
import { COLD_STEPS } from "./schedule.ts";

type Event<T extends EngineEvent["type"]> = Extract<EngineEvent, { type: T }>;
type UnitWork = Extract<Work, { kind: "unit" }>;

const passesAt = (guidance: number) => (guidance === 1 ? 1 : 2);

/** The work that an event is about, if it is of this kind. */
function workOf<K extends Work["kind"]>(
  { work }: Comparison,
  job: number,
  kind: K,
): Extract<Work, { kind: K }> | null {
  return work?.job === job && isKind(work, kind) ? work : null;
}
const isKind = <K extends Work["kind"]>(work: Work, kind: K): work is Extract<Work, { kind: K }> =>
  work.kind === kind;

function withPasses(comparison: Comparison, model: string, passes: number, ms: number): Comparison {
  const { pace } = comparison;
  const timed = withTime(pace.passes[model] ?? { count: 0, ms: 0 }, passes, ms);
  return { ...comparison, pace: { ...pace, passes: { ...pace.passes, [model]: timed } } };
}

/** The first step that a model makes here is not counted: it builds what later ones use. */
const withStep = (comparison: Comparison, model: string, passes: number, ms: number): Comparison =>
  comparison.pace.passes[model]
    ? withPasses(comparison, model, passes, ms)
    : withPasses(comparison, model, 0, 0);

function onStep(comparison: Comparison, { unit }: UnitWork, event: Event<"step">): Comparison {
  const { first, count, step, of, t, served, stepMs } = event;
  const stretches = unit.stretches.slice(first, first + count);
  const keys = stretches.map(({ key }) => key);
  const spent = stretches.reduce(
    (sum, stretch) => plus(sum, evaluationsIn(stretch, { from: step - 1, to: step })),
    comparison.cost.spent,
  );
  const charged = { ...comparison, cost: { ...comparison.cost, spent } };
  const moved = withDrawings(charged, drawingsThrough(comparison, keys), (drawing) =>
    drawing.status === "waiting" || drawing.status === "running"
      ? { status: "running", track: drawing.track, step, of, t, served }
      : drawing,
  );
  const kind = unit.stretches[0]?.of;
  const model = kind?.names[served];
  if (!kind || !model) return moved;
  return withStep(moved, model, count * SOLVERS[kind.solver].nfePerStep * passesAt(kind.guidance), stepMs);
}

/** A point is put where the older one of the same step was: a job that starts again repeats its points. */
function withPoint(progress: StretchProgress, point: TrackPoint, isShown: boolean): StretchProgress {
  const states = new Map(progress.states).set(point.step + 1, point.state);
  if (!isShown) return { ...progress, states };
  const points = progress.points.filter(({ step }) => step !== point.step);
  const at = points.findIndex(({ step }) => step > point.step);
  return { ...progress, states, points: points.toSpliced(at < 0 ? points.length : at, 0, point) };
}

const pictureOf = (picture: Parameters<typeof pixelsOf>[0] | undefined): Pixels | null =>
  picture ? pixelsOf(picture) : null;

/** States that arrive on the way are kept at once: they are what an interrupted unit can go on from. */
function onRecorded(comparison: Comparison, work: UnitWork, event: Event<"recorded">): Comparison {
  const { unit } = work;
  const { step, t, tNext, served } = event;
  const stretches = { ...comparison.stretches };
  const steps = (unit.stretches[0]?.of.steps ?? 1) - 1;
  const isShown = recordedIn(comparison, steps).has(step);
  const present = unit.stretches.filter(({ key }) => comparison.plan.stretches.has(key));
  unit.stretches.forEach(({ key }, k) => {
    const state = event.states[k];
    const x1Hat = event.x1Hats[k];
    if (!state || !x1Hat || !comparison.plan.stretches.has(key)) return;
    const point: TrackPoint = {
      step,
      t,
      tNext,
      served,
      state: new Float32Array(state),
      x1Hat: new Float32Array(x1Hat),
      preview: pictureOf(event.previews?.[k]),
    };
    stretches[key] = withPoint(progressOf(comparison.stretches, key), point, isShown);
  });
  const reached = Math.max(work.reached, step + 1);
  const recorded = { ...comparison, stretches, work: { ...work, reached } };
  const keys = drawingsThrough(
    comparison,
    present.map(({ key }) => key),
  );
  return withDrawings(recorded, keys, (drawing, key) => {
    const route = comparison.plan.routes.get(key);
    return route && drawing.status !== "finished"
      ? { ...drawing, track: trackOf(stretches, route) }
      : drawing;
  });
}

/** Drawings of a unit that nothing is done for any more. */
function settle(comparison: Comparison, { unit }: UnitWork): Comparison {
  const keys = drawingsThrough(
    comparison,
    unit.stretches.map(({ key }) => key),
  );
  return withDrawings(comparison, keys, (_, key) => settledDrawing(comparison, key));
}

function onIntegrated(comparison: Comparison, work: UnitWork, event: Event<"integrated">): Comparison {
  const { unit } = work;
  const stretches = { ...comparison.stretches };
  unit.stretches.forEach(({ key }, k) => {
    const state = event.states[k];
    if (!state || !comparison.plan.stretches.has(key)) return;
    const progress = progressOf(comparison.stretches, key);
    const states = new Map(progress.states);
    // The end may be recorded as well: the same bits, kept once.
    if (!states.has(unit.to)) states.set(unit.to, new Float32Array(state));
    stretches[key] = { ...progress, states };
  });
  const closed: Comparison = {
    ...comparison,
    stretches,
    ms: comparison.ms + event.ms,
    work: null,
  };
  return withTimeLeft(settle(closed, work));
}

function onDecoded(comparison: Comparison, event: Event<"decoded">): Comparison {
  const work = workOf(comparison, event.id, "decode");
  const key = work?.keys[event.index];
  const route = key === undefined ? undefined : comparison.plan.routes.get(key);
  if (key === undefined || !route || !event.settings) return comparison;
  const latent = finalLatent(comparison, key);
  if (!latent) return comparison;
  const finished: Drawing = {
    status: "finished",
    track: trackOf(comparison.stretches, route),
    picture: { settings: event.settings, pixels: pixelsOf(event), latent },
    features: null,
    nfe: route.of.nfe,
  };
  return withDecode(
    withDrawings(comparison, [key], () => finished),
    event.ms,
  );
}

const withDecode = ({ pace, ...comparison }: Comparison, ms: number): Comparison => ({
  ...comparison,
  pace: { ...pace, decode: withTime(pace.decode, 1, ms) },
});

function onX1HatDecoded(comparison: Comparison, event: Event<"decoded">): Comparison {
  const work = workOf(comparison, event.id, "decode-x1hat");
  const key = work?.keys[event.index];
  const { scrub } = comparison;
  if (!work || key === undefined || scrub?.t !== work.t) return comparison;
  return { ...comparison, scrub: { ...scrub, decoded: { ...scrub.decoded, [key]: pixelsOf(event) } } };
}

function onDescribed(comparison: Comparison, event: Event<"described">): Comparison {
  const key = workOf(comparison, event.id, "describe")?.keys[event.index];
  if (key === undefined || comparison.drawings[key]?.status !== "finished") return comparison;
  const features = {
    embedding: event.embedding && new Float32Array(event.embedding),
    seen: event.seen,
  };
  return withDrawings(comparison, [key], (drawing) =>
    drawing.status === "finished" ? { ...drawing, features } : drawing,
  );
}

function onDone(comparison: Comparison, work: Work, event: Event<"done">): Comparison {
  const closed = { ...comparison, work: null };
  if (work.kind === "decode-x1hat") return closed;
  if (work.kind === "timing-decode") return withTimeLeft({ ...closed, timedState: null });
  const { pace } = comparison;
  const timed =
    work.kind === "describe"
      ? { ...closed, pace: { ...pace, describe: withLooks(pace.describe, event) } }
      : closed;
  return withTimeLeft({ ...timed, ms: comparison.ms + event.ms });
}

/** The first look also loads the networks. */
const withLooks = (before: Timed, { images, ms }: Pick<Event<"done">, "images" | "ms">): Timed =>
  withTime(before, before.count === 0 ? images + LOADING_IN_LOOKS : images, ms);

/** Whether the engine could not do this job alone; else nothing can go on until the reader does something. */
const isOfTheJob = ({ kind }: EngineError): boolean => kind === "InvalidJob" || kind === "Internal";

function onFailed(comparison: Comparison, work: Work, error: EngineError): Comparison {
  const closed = interrupted(comparison);
  if (work.kind === "decode-x1hat" || work.kind === "timing") return closed;
  if (work.kind === "timing-decode") return { ...closed, timedState: null };
  if (work.kind === "describe") return { ...closed, featuresError: error };
  if (error.kind === "OutOfMemory" && error.suggestedBatch !== null && work.kind === "unit")
    return { ...closed, sideBySide: error.suggestedBatch };
  if (!isOfTheJob(error)) return { ...closed, run: { status: "failed", error } };
  if (work.kind === "decode")
    return withDrawings(closed, work.keys, (drawing) =>
      drawing.status === "finished" ? drawing : { status: "failed", track: drawing.track, error },
    );
  const stretches = { ...closed.stretches };
  for (const { key } of work.unit.stretches) stretches[key] = { ...progressOf(stretches, key), error };
  return withTimeLeft(settle({ ...closed, stretches }, work));
}

/** What an engine that is gone had under way starts again later; what is finished stays. */
function interrupted(comparison: Comparison): Comparison {
  const { work } = comparison;
  const stopped = { ...comparison, work: null };
  return work?.kind === "unit" ? withTimeLeft(settle(stopped, work)) : stopped;
}

function retried(comparison: Comparison, key: string | null): Comparison {
  const keys = key === null ? [...comparison.plan.routes.keys()] : [key];
  const failed = keys.filter((one) => comparison.drawings[one]?.status === "failed");
  const stretches = { ...comparison.stretches };
  for (const one of failed)
    for (const stretch of comparison.plan.routes.get(one)?.stretches ?? [])
      if (stretches[stretch.key]?.error)
        stretches[stretch.key] = { ...(stretches[stretch.key] ?? NO_PROGRESS), error: null };
  const cleared: Comparison = { ...comparison, stretches, featuresError: null };
  const again = drawingsThrough(
    cleared,
    failed.flatMap((one) => (cleared.plan.routes.get(one)?.stretches ?? []).map((stretch) => stretch.key)),
  );
  return withTimeLeft(withDrawings(cleared, again, (_, one) => settledDrawing(cleared, one)));
}

/** The reader's own models come and go while the page is open. A grid that can still be drawn goes on as it is. */
function withManifest(comparison: Comparison, manifest: Manifest): Comparison {
  const family = comparison.family && findFamily(manifest, comparison.family.name);
  if (!family) return comparison;
  const drawable = comparison.grid !== null && gridOf(comparison.settings, family).ok;
  return drawable ? { ...comparison, family } : replanned(comparison, comparison.settings, family);
}

const changesGrid = (
  comparison: Comparison,
  event: Extract<ComparisonEvent, { type: "comparison-changed" }>,
) =>
  event.family !== comparison.family ||
  (["family", "columns", "rows", "panels", "fixed"] as const).some(
    (part) => event.settings[part] !== comparison.settings[part],
  );

/** Pure. Events of jobs that are not the comparison's own pass through, so pictures of the Generate page may come between.
 *  A step costs as many copies as drawings pass through its stretches, not as the grid has cells, the record of drawings
 *  aside. */
export function comparisonReducer(comparison: Comparison, event: ComparisonEvent): Comparison {
  switch (event.type) {
    case "comparison-changed":
      if (changesGrid(comparison, event)) return replanned(comparison, event.settings, event.family);
      return event.settings.reference === comparison.settings.reference
        ? { ...comparison, settings: event.settings }
        : referenced(comparison, event.settings);
    case "run-changed":
      return { ...comparison, run: event.run };
    case "work-sent":
      return { ...comparison, work: event.work };
    case "passes-timed":
      return withTimeLeft(withPasses(comparison, event.model, event.passes, event.ms));
    case "cells-measured": {
      const cells = comparison.grid?.cells ?? [];
      const numbers = comparison.numbers.map((now, i) => {
        const against = cells[comparison.partners[i] ?? i]?.key;
        const mine = event.measured.find(
          (one) => one.key === cells[i]?.key && one.numbers.against === against,
        );
        return mine?.numbers ?? now;
      });
      return { ...comparison, numbers };
    }
    case "lines-measured":
      return { ...comparison, lines: event.lines, noiseFloor: event.noiseFloor };
    case "scrubbed":
      return event.t === comparison.scrub?.t
        ? comparison
        : { ...comparison, scrub: event.t === null ? null : { t: event.t, decoded: {} } };
    case "retried":
      return retried(comparison, event.key);
    case "cleared":
      return emptied(comparison);
    case "engine-restarted": {
      const stopped = interrupted(comparison);
      const { status } = stopped.run;
      return status === "running" || status === "loading" || status === "failed"
        ? { ...stopped, run: { status: "paused" } }
        : stopped;
    }
    case "backend": {
      const { name } = event.report;
      const same = comparison.backend === null || comparison.backend === name;
      const known = { ...comparison, backend: name };
      return same ? known : { ...emptied({ ...known, pace: { ...known.pace, passes: {} } }), work: null };
    }
    case "state":
      return event.state.status === "failed" && comparison.work
        ? { ...interrupted(comparison), run: { status: "failed", error: event.state.error } }
        : comparison;
    case "step": {
      const timing = workOf(comparison, event.id, "timing");
      // Guided, as pictures usually are: two passes a step.
      if (timing)
        return event.step > COLD_STEPS ? withPasses(comparison, timing.model, 2, event.stepMs) : comparison;
      const work = workOf(comparison, event.id, "unit");
      return work ? onStep(comparison, work, event) : comparison;
    }
    case "recorded": {
      const work = workOf(comparison, event.id, "unit");
      return work ? onRecorded(comparison, work, event) : comparison;
    }
    case "integrated": {
      if (workOf(comparison, event.id, "timing")) {
        const [state] = event.states;
        const timedState = state && comparison.pace.decode.count === 0 ? new Float32Array(state) : null;
        return withTimeLeft({ ...comparison, timedState, work: null });
      }
      const work = workOf(comparison, event.id, "unit");
      return work ? onIntegrated(comparison, work, event) : comparison;
    }
    case "decoded":
      if (workOf(comparison, event.id, "timing-decode"))
        return event.index === 0 ? comparison : withDecode(comparison, event.ms);
      return comparison.work?.kind === "decode"
        ? onDecoded(comparison, event)
        : onX1HatDecoded(comparison, event);
    case "described":
      return onDescribed(comparison, event);
    case "done":
      return comparison.work?.job === event.id ? onDone(comparison, comparison.work, event) : comparison;
    case "cancelled":
      return comparison.work?.job === event.id ? interrupted(comparison) : comparison;
    case "failed":
      return comparison.work?.job === event.id
        ? onFailed(comparison, comparison.work, event.error)
        : comparison;
    case "manifest":
      return withManifest(comparison, event.manifest);
    case "download":
    case "loaded":
    case "warning":
    case "preview":
    case "image":
      return comparison;
    default:
      return event satisfies never;
  }
}

/** A run that nothing is left of is finished. */
export const isFinished = (comparison: Comparison): boolean =>
  comparison.work === null && isComplete(comparison);
