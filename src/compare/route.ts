import type { DecoderPart } from "#checkpoints/manifest.ts";
import type { ChosenModels } from "#checkpoints/modelChoice.ts";
import { hasSwitch, type ModelText } from "#checkpoints/modelText.ts";
import { otherThan, type Served } from "#flow/plan.ts";
import type { SolverName } from "#flow/solvers/names.ts";
import type { CellSettings, DrawingKey } from "./cell.ts";
import { type Course, type Evaluations, evaluationsOf } from "./course.ts";

/** Names a stretch of one trajectory: what starts alike and is evaluated alike is one stretch. */
export type StretchKey = string;

/** A part of trajectories that may be shared, whatever they start from: a trunk from noise by one model, or a branch that
 *  follows a trunk. */
export interface StretchKind {
  /** Stretches with equal names differ in seed and class alone. */
  readonly kind: string;
  /** What the engine is asked for; its plan, cut to from … to−1, is this stretch. */
  readonly model: ModelText;
  readonly tau: number;
  readonly steps: number;
  readonly solver: SolverName;
  readonly guidance: number;
  /** 0-based steps of the plan. */
  readonly from: number;
  readonly to: number;
  /** Which model makes which of its steps; the first one throughout for a trunk. */
  readonly course: Course;
  readonly nfe: Evaluations;
  /** Names of the models that serve the two places; null for a place without evaluations. */
  readonly names: { readonly light: string | null; readonly heavy: string | null };
}

/** A stretch of one trajectory. */
export interface Stretch {
  readonly key: StretchKey;
  readonly of: StretchKind;
  readonly seed: number;
  readonly label: number;
  /** The trunk whose state at `from` it starts from; null: the noise of its seed. */
  readonly after: StretchKey | null;
}

/** How trajectories with these settings are cut, from whatever seed and class. */
export interface RouteKind {
  /** Solver steps of the whole trajectory. */
  readonly steps: number;
  /** Steps of the first model alone; null where the trajectory is one stretch. */
  readonly trunk: StretchKind | null;
  /** What ends the trajectory. */
  readonly last: StretchKind;
  /** Of the whole trajectory. */
  readonly nfe: Evaluations;
  /** The decoder of the latents that it goes through; states of different ones have nothing to compare. */
  readonly decoder: DecoderPart;
}

/** The one or two stretches that make a picture. */
export interface Route {
  readonly key: DrawingKey;
  readonly of: RouteKind;
  readonly stretches: readonly Stretch[];
}

/** Cuts trajectories where they can be shared. Steps before the first evaluation of the second model are a trunk that belongs
 *  to the first one alone, whatever follows; from that step on is a branch, known by what it follows, where it leaves, and
 *  which model makes each of the cut step's evaluations (with a Heun step that is mixed). A trajectory of one model is a
 *  trunk as a whole: heavy alone, and coarse-to-fine with a tau before the first evaluation, are the same.
 *  Names carry the place of a model, because a picture's settings count evaluations by place. */
export function routeKindOf(
  settings: Omit<CellSettings, "seed" | "label" | "className">,
  chosen: ChosenModels,
  course: Course,
): RouteKind {
  const { model, tau, steps: points, solver, guidance } = settings;
  const { first, steps, cut, mixed } = course;
  const second = otherThan(first);
  const names = { light: chosen.light?.name ?? null, heavy: chosen.heavy?.name ?? null };
  const how = { tau, steps: points, solver, guidance };
  const kindOf = (place: Served) => `${place} ${names[place]} ${solver} ${points} ${guidance}`;
  const nfe = evaluationsOf(course, solver);
  const route = { steps, nfe, decoder: chosen.decoder };
  const alone = (place: Served) => ({ light: null, heavy: null, [place]: names[place] });
  if (cut === 0 && !mixed.includes(first)) {
    const whole = { from: 0, to: steps, course, nfe, names: alone(second) };
    return { ...route, trunk: null, last: { ...how, ...whole, model, kind: kindOf(second) } };
  }
  const trunk: StretchKind = {
    ...how,
    kind: kindOf(first),
    model: hasSwitch(model) ? firstAlone(model) : model,
    from: 0,
    to: cut,
    course: { first, steps, cut: steps, mixed: [] },
    nfe: evaluationsOf(course, solver, 0, cut),
    names: alone(first),
  };
  if (cut === steps) return { ...route, trunk: null, last: trunk };
  const pattern = mixed.map((served) => served[0]).join("");
  const branch: StretchKind = {
    ...how,
    kind: `${trunk.kind} | ${cut} ${pattern} ${names[second]}`,
    model,
    from: cut,
    to: steps,
    course,
    nfe: evaluationsOf(course, solver, cut, steps),
    names,
  };
  return { ...route, trunk: cut > 0 ? trunk : null, last: branch };
}

/** The stretches from one start. The last one names the picture: nothing but its own start and steps makes it. */
export function routeFrom(of: RouteKind, seed: number, label: number): Route {
  const start = ` # ${label} ${seed}`;
  const trunk = of.trunk && { key: of.trunk.kind + start, of: of.trunk, seed, label, after: null };
  const last = { key: of.last.kind + start, of: of.last, seed, label, after: trunk?.key ?? null };
  return { key: last.key, of, stretches: trunk ? [trunk, last] : [last] };
}

/** What draws the first part of `c2f`, `c2f:NAME` or `c2f:NAME:NAME` by itself. */
const firstAlone = (model: ModelText): ModelText => model.split(":")[1] ?? "light";
