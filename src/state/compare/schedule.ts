import { type Family, findModel } from "#checkpoints/manifest.ts";
import { partOf } from "#checkpoints/parts.ts";
import type { DrawingKey } from "#compare/cell.ts";
import { pointsFor, recordOf } from "#compare/record.ts";
import type { Route, Stretch } from "#compare/route.ts";
import { missingOf, nextUnit, ranksOf, type Unit } from "#compare/unit.ts";
import type { EngineRequest, FeaturePart, JobId, PartName } from "#workers/protocol.ts";
import { type EngineView, partStatus } from "../engine.ts";
import type { Comparison, RunState, TrackPoint, Work } from "./comparison.ts";
import { finalLatent, isComplete, keptIn } from "./progress.ts";

/** What the reader looks at while the scrubber rests. */
export interface Sight {
  readonly t: number;
  readonly keys: readonly DrawingKey[];
}

/** What the page knows beside the comparison. */
export interface Surroundings {
  readonly engine: EngineView;
  /** Whether this part waits for the reader's word, because the connection is metered. */
  readonly asks: (family: Family, part: PartName) => boolean;
  readonly sight: Sight | null;
  /** The Compare page is the one that is shown. */
  readonly isShown: boolean;
}

/** What to do next. A request carries the job's number once it has one. */
export type Move =
  | {
      readonly do: "send";
      readonly work: (job: JobId) => Work;
      readonly request: (id: JobId) => EngineRequest;
    }
  | { readonly do: "load"; readonly parts: readonly PartName[] }
  | { readonly do: "change-run"; readonly run: RunState }
  | { readonly do: "nothing" };

const NOTHING: Move = { do: "nothing" };

/** Pictures decoded or looked at in one job; more would keep what the reader waits for from coming in between. */
const AT_ONCE = 8;

/** The recorded point that the scrubber shows at t: the last that begins there or before. */
export function pointAt(points: readonly TrackPoint[], t: number): TrackPoint | undefined {
  return points.findLast((point) => point.t <= t);
}

const bytesOf = (values: Float32Array<ArrayBuffer>): ArrayBuffer => values.slice().buffer;

/** The models that a stretch is evaluated by. */
const modelsOf = (family: Family, { of }: Stretch): readonly PartName[] =>
  [of.names.light, of.names.heavy].flatMap((name) => {
    const model = name === null ? undefined : findModel(family, name);
    return model ? [partOf(model)] : [];
  });

/** Pictures of one autoencoder, the first ones of those that are asked for. */
function sameDecoder(keys: readonly DrawingKey[], comparison: Comparison): readonly Route[] {
  const routes = keys.flatMap((key) => comparison.plan.routes.get(key) ?? []);
  return routes.filter(({ of }) => of.decoder === routes[0]?.of.decoder).slice(0, AT_ONCE);
}

/** Full decodes of x̂1 for the cells in sight. */
function decodeSight(comparison: Comparison, { engine, sight }: Surroundings, family: Family): Move {
  const { scrub, drawings } = comparison;
  if (!sight || scrub?.t !== sight.t) return NOTHING;
  const pointOf = (key: DrawingKey) => pointAt(drawings[key]?.track.points ?? [], sight.t);
  const wanted = sight.keys.filter((key) => !scrub.decoded[key] && pointOf(key));
  const routes = sameDecoder(wanted, comparison);
  const [first] = routes;
  if (!first || partStatus(engine, family.name, first.of.decoder).status !== "loaded") return NOTHING;
  const items = routes.flatMap(({ key }) => {
    const point = pointOf(key);
    return point ? [{ latent: bytesOf(point.x1Hat), cell: null }] : [];
  });
  const keys = routes.map(({ key }) => key);
  return {
    do: "send",
    work: (job) => ({ kind: "decode-x1hat", job, t: sight.t, keys }),
    request: (id) => ({
      type: "decode",
      id,
      job: { family: family.name, model: first.of.last.model, items },
    }),
  };
}

/** Pictures whose steps are all made. */
function decodeDrawn(comparison: Comparison, { engine }: Surroundings, family: Family): Move {
  const { plan, drawings } = comparison;
  const drawn = [...plan.routes.keys()].filter((key) => drawings[key]?.status === "drawn");
  const loaded = drawn.filter((key) => {
    const decoder = plan.routes.get(key)?.of.decoder;
    return decoder && partStatus(engine, family.name, decoder).status === "loaded";
  });
  const routes = sameDecoder(loaded, comparison);
  const [first] = routes;
  if (!first) return NOTHING;
  const keys = routes.map(({ key }) => key);
  const items = routes.flatMap(({ key }) => {
    const latent = finalLatent(comparison, key);
    const settings = comparison.grid?.cells.find((cell) => cell.key === key)?.settings;
    if (!latent || !settings) return [];
    const { seed, label, model, tau, steps, solver, guidance } = settings;
    return [{ latent: bytesOf(latent), cell: { seed, label, model, tau, steps, solver, guidance } }];
  });
  return {
    do: "send",
    work: (job) => ({ kind: "decode", job, keys }),
    request: (id) => ({
      type: "decode",
      id,
      job: { family: family.name, model: first.of.last.model, items },
    }),
  };
}

/** What the feature networks see in finished pictures, some at a time; atLeast: so many, or none. */
function describe(comparison: Comparison, family: Family, atLeast: number): Move {
  const networks = (["embedding", "classifier"] as const satisfies readonly FeaturePart[]).filter(
    (network) => family.features?.[network] !== undefined,
  );
  if (networks.length === 0 || comparison.featuresError) return NOTHING;
  const waiting = [...comparison.plan.routes.keys()].flatMap((key) => {
    const drawing = comparison.drawings[key];
    return drawing?.status === "finished" && !drawing.features ? [{ key, drawing }] : [];
  });
  if (waiting.length === 0 || waiting.length < atLeast) return NOTHING;
  const now = waiting.slice(0, AT_ONCE);
  const images = now.map(({ drawing: { picture } }) => ({
    width: picture.pixels.width,
    height: picture.pixels.height,
    rgba: picture.pixels.rgba.slice().buffer,
    // The networks that look know the family's classes alone.
    label: picture.settings.label < family.classes.length ? picture.settings.label : null,
  }));
  const keys = now.map(({ key }) => key);
  return {
    do: "send",
    work: (job) => ({ kind: "describe", job, keys }),
    request: (id) => ({ type: "describe", id, job: { family: family.name, images, networks } }),
  };
}

function sendUnit(comparison: Comparison, family: Family, unit: Unit): Move {
  const { plan, stretches, grid } = comparison;
  const [first] = unit.stretches;
  if (!first) return NOTHING;
  const { model, tau, steps, solver, guidance } = first.of;
  const starts = unit.stretches.map((stretch) => {
    const from = unit.from > first.of.from ? stretch.key : stretch.after;
    const state = from === null ? undefined : stretches[from]?.states.get(unit.from);
    return { seed: stretch.seed, label: stretch.label, x: state ? bytesOf(state) : null };
  });
  const job = {
    family: family.name,
    model,
    tau,
    steps,
    solver,
    guidance,
    from: unit.from,
    to: unit.to,
    starts,
    record: recordOf(unit, plan, pointsFor(grid?.cells.length ?? 0)),
  };
  return {
    do: "send",
    work: (id) => ({ kind: "unit", job: id, unit, reached: unit.from }),
    request: (id) => ({ type: "integrate", id, job }),
  };
}

/** Parts that what is left of the plan needs, the smallest first. */
export function partsNeeded(comparison: Comparison, family: Family): readonly PartName[] {
  const { plan, stretches, drawings } = comparison;
  const kept = keptIn(stretches);
  const decoders = [...plan.routes.values()]
    .filter(({ key }) => drawings[key]?.status !== "finished")
    .map(({ of }) => of.decoder);
  const models = [...plan.stretches.values()]
    .filter((stretch) => missingOf(stretch, plan, kept))
    .flatMap((stretch) => modelsOf(family, stretch));
  return [...new Set<PartName>([...decoders, ...models])];
}

/** Points of the grid that are timed. The first steps are not counted: the browser has not compiled its code for them yet,
 *  and they take from twice to eight times as long as those that follow. */
const TIMED_STEPS = 14;
export const COLD_STEPS = 5;
/** Where they have come to is decoded so often; the first is not counted. */
const TIMED_DECODES = 3;

/** A few steps of the light model, while nothing else is known about how long things take here. */
function time(comparison: Comparison, { engine, isShown }: Surroundings, family: Family): Move {
  const { pace, plan, timedState } = comparison;
  const light = findModel(family, "light");
  if (!isShown || !light || plan.stretches.size === 0) return NOTHING;
  if (timedState && partStatus(engine, family.name, "decoder").status === "loaded") {
    const items = Array.from({ length: TIMED_DECODES }, () => ({ latent: bytesOf(timedState), cell: null }));
    return {
      do: "send",
      work: (job) => ({ kind: "timing-decode", job }),
      request: (id) => ({
        type: "decode",
        id,
        job: { family: family.name, model: light.name, items },
      }),
    };
  }
  if (Object.keys(pace.passes).length > 0) return NOTHING;
  if (partStatus(engine, family.name, "light").status !== "loaded") return NOTHING;
  const job = {
    family: family.name,
    model: light.name,
    tau: 0,
    steps: TIMED_STEPS,
    solver: "euler",
    guidance: 1.5,
    from: 0,
    to: TIMED_STEPS - 1,
    starts: [{ seed: 0, label: 0, x: null }],
    record: [],
  } as const;
  return {
    do: "send",
    work: (id) => ({ kind: "timing", job: id, model: light.name }),
    request: (id) => ({ type: "integrate", id, job }),
  };
}

/** What the page does next for its comparison. The engine has one thing to do at a time, so what the reader waits for goes
 *  first: x̂1 in sight, then pictures that are drawn, then the next stretch, with a look by the feature networks now and
 *  then. Pure. */
export function nextMove(comparison: Comparison, around: Surroundings): Move {
  const { family, grid, run, work, plan, stretches } = comparison;
  const { engine, asks } = around;
  if (work || !family || !grid || !engine.backend || engine.state.status === "failed") return NOTHING;
  const sight = decodeSight(comparison, around, family);
  if (sight.do !== "nothing") return sight;
  const draws = run.status === "running" || run.status === "loading" || run.status === "asks";
  if (!draws && run.status !== "paused") return time(comparison, around, family);

  const drawn = decodeDrawn(comparison, around, family);
  if (drawn.do !== "nothing") return drawn;
  const seen = describe(comparison, family, AT_ONCE);
  if (seen.do !== "nothing") return seen;
  if (!draws) return describe(comparison, family, 1);

  const needed = partsNeeded(comparison, family);
  const status = (part: PartName) => partStatus(engine, family.name, part);
  const absent = needed.filter((part) => status(part).status === "absent" && !asks(family, part));
  if (absent.length > 0) return { do: "load", parts: absent };

  const { backend } = engine;
  const unit = nextUnit(plan, keptIn(stretches), {
    ranks: ranksOf(grid, comparison.settings.reference),
    batch: comparison.sideBySide ?? backend.microBatch,
    slow: backend.name !== "webgpu" || backend.software,
    isHeldUp: (stretch) =>
      stretches[stretch.key]?.error != null ||
      modelsOf(family, stretch).some((part) => status(part).status !== "loaded"),
  });
  if (unit) {
    return run.status === "running"
      ? sendUnit(comparison, family, unit)
      : { do: "change-run", run: { status: "running" } };
  }
  const last = describe(comparison, family, 1);
  if (last.do !== "nothing") return last;
  if (isComplete(comparison)) return { do: "change-run", run: { status: "finished", ms: comparison.ms } };
  return whileWaiting(comparison, needed, around);
}

/** Nothing can be computed: says what for. */
function whileWaiting(comparison: Comparison, needed: readonly PartName[], around: Surroundings): Move {
  const { family, run } = comparison;
  const { engine, asks } = around;
  if (!family) return NOTHING;
  for (const part of needed) {
    const now = partStatus(engine, family.name, part);
    if (now.status === "failed") return { do: "change-run", run: { status: "failed", error: now.error } };
  }
  const change = (next: RunState): Move =>
    next.status === run.status ? NOTHING : { do: "change-run", run: next };
  const onTheWay = needed.some((part) =>
    /^(requested|downloading)$/.test(partStatus(engine, family.name, part).status),
  );
  if (onTheWay) return change({ status: "loading" });
  const asked = needed.filter(
    (part) => partStatus(engine, family.name, part).status === "absent" && asks(family, part),
  );
  return asked.length > 0 ? change({ status: "asks", parts: asked }) : NOTHING;
}
