import { type Family, findModel } from "#checkpoints/manifest.ts";
import type { Evaluations } from "./course.ts";
import type { Plan } from "./plan.ts";
import type { RouteKind, StretchKind } from "./route.ts";
import { type Kept, leftOf } from "./unit.ts";

/** Time that something has taken, summed over how often. */
export interface Timed {
  readonly count: number;
  readonly ms: number;
}

/** What has been timed on this backend: network passes of one start by the name of the model (two an evaluation when it is
 *  guided), decoding one picture, and looking at one with the feature networks. */
export interface Pace {
  readonly passes: Readonly<Record<string, Timed>>;
  readonly decode: Timed;
  readonly describe: Timed;
}

const NONE: Timed = { count: 0, ms: 0 };
export const NO_PACE: Pace = { passes: {}, decode: NONE, describe: NONE };

export const withTime = ({ count, ms }: Timed, more: number, moreMs: number): Timed => ({
  count: count + more,
  ms: ms + moreMs,
});

/** Time until a grid is done, as far as it can be told. */
export interface TimeEstimate {
  readonly ms: number;
  /** `measured`: every model that is needed has been timed here; `guessed`: some are scaled by their size. */
  readonly basis: "measured" | "guessed";
}

/** Guidance 1 is one network pass an evaluation, any other two. */
const passesAt = (guidance: number) => (guidance === 1 ? 1 : 2);

/** What a decode costs in passes of the light model, and a look by the feature networks in decodes: measured for the shipped
 *  family on wasm, with 3 ms a pass, 70 ms a decode and 20 ms a look. */
const DECODE_IN_PASSES = 22;
const DESCRIBE_IN_DECODES = 0.3;
/** Loading the feature networks takes as long as so many looks. */
export const LOADING_IN_LOOKS = 20;

/** A network with twice the weights takes 2^0.92 times as long on the CPU: nearly by its arithmetic. Within a twelfth of what
 *  `npm run bench -- --shapes` times for networks from 0.7 to 12 million weights; heavy to light is 6.5. */
const COST_EXPONENT = 0.92;

const mean = ({ count, ms }: Timed): number | null => (count > 0 ? ms / count : null);

/** What is left to compute. */
export interface Remaining {
  readonly plan: Plan;
  readonly kept: Kept;
  /** Pictures that have not been decoded, and those that the feature networks have not seen. */
  readonly decodes: number;
  readonly describes: number;
}

/** Milliseconds of a network pass by the model's name, and whether any had to be guessed: a model that has not been
 *  timed is scaled from the one nearest to it in weights that has. null while nothing has been timed. */
function passTimes(pace: Pace, family: Family) {
  const weights = (name: string) => findModel(family, name)?.parameters ?? 0;
  const timed = Object.entries(pace.passes).flatMap(([name, time]) => {
    const ms = mean(time);
    return ms !== null && weights(name) > 0 ? [{ ms, weights: weights(name) }] : [];
  });
  const [least] = timed.sort((a, b) => a.weights - b.weights);
  if (!least) return null;
  let guessed = false;
  const passMs = (name: string | null): number => {
    const ms = mean(pace.passes[name ?? ""] ?? NONE);
    if (ms !== null) return ms;
    guessed = true;
    const size = weights(name ?? "");
    const ratio = (one: { readonly weights: number }) => Math.abs(Math.log(size / one.weights));
    const nearest = timed.reduce((best, one) => (ratio(one) < ratio(best) ? one : best), least);
    return nearest.ms * (size / nearest.weights) ** COST_EXPONENT;
  };
  return { least: least.ms, passMs, guessed: () => guessed };
}

const evaluationMs = (
  { light, heavy }: Evaluations,
  { names, guidance }: Pick<StretchKind, "names" | "guidance">,
  passMs: (name: string | null) => number,
): number =>
  passesAt(guidance) *
  ((light > 0 ? light * passMs(names.light) : 0) + (heavy > 0 ? heavy * passMs(names.heavy) : 0));

/** Milliseconds for the rest of a grid: network passes by the pace of their model, then decoding and describing. null while
 *  nothing has been timed. */
export function estimate(
  { plan, kept, decodes, describes }: Remaining,
  pace: Pace,
  family: Family,
): TimeEstimate | null {
  const times = passTimes(pace, family);
  if (!times) return null;
  const passes = leftOf(plan, kept).reduce(
    (sum, { stretch, nfe }) => sum + evaluationMs(nfe, stretch.of, times.passMs),
    0,
  );
  const decodeMs = mean(pace.decode) ?? DECODE_IN_PASSES * times.least;
  const looks = describes > 0 && pace.describe.count === 0 ? describes + LOADING_IN_LOOKS : describes;
  const ms = passes + decodes * decodeMs + looks * (mean(pace.describe) ?? DESCRIBE_IN_DECODES * decodeMs);
  return { ms, basis: times.guessed() ? "guessed" : "measured" };
}

/** Milliseconds that one picture's network passes take when it is drawn by itself, without decoding; what the chart of
 *  speed against similarity shows. null while nothing has been timed. */
export function pictureTime({ trunk, last }: RouteKind, pace: Pace, family: Family): TimeEstimate | null {
  const times = passTimes(pace, family);
  if (!times) return null;
  const ms = [trunk, last].reduce(
    (sum, stretch) => sum + (stretch ? evaluationMs(stretch.nfe, stretch, times.passMs) : 0),
    0,
  );
  return { ms, basis: times.guessed() ? "guessed" : "measured" };
}
