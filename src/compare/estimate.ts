import { type Family, findModel } from "#checkpoints/manifest.ts";
import type { Plan } from "./plan.ts";
import { beginsAt, evaluationsFrom, type Reached } from "./unit.ts";

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
  /** `measured`: every model that is needed has been timed here; `guessed`: some are scaled by their number of weights. */
  readonly basis: "measured" | "guessed";
}

/** Guidance 1 is one network pass an evaluation, any other two. */
const passesAt = (guidance: number) => (guidance === 1 ? 1 : 2);

/** A decode costs about ten steps of the light model: measured for the shipped family on wasm. */
const DECODE_IN_PASSES = 10;

const mean = ({ count, ms }: Timed): number | null => (count > 0 ? ms / count : null);

/** What is left to compute. */
export interface Remaining {
  readonly plan: Plan;
  readonly reached: Reached;
  /** Pictures that have not been decoded, and those that the feature networks have not seen. */
  readonly decodes: number;
  readonly describes: number;
}

/** Milliseconds for the rest of a grid: network passes by the pace of their model, then decoding and describing. A model
 *  that has not been timed is as much slower than one that has as it has more weights. null while nothing has been. */
export function estimate(
  { plan, reached, decodes, describes }: Remaining,
  pace: Pace,
  family: Family,
): TimeEstimate | null {
  const weights = (name: string) => findModel(family, name)?.parameters ?? 0;
  const timed = Object.entries(pace.passes).flatMap(([name, time]) => {
    const ms = mean(time);
    return ms !== null && weights(name) > 0 ? [{ ms, weights: weights(name) }] : [];
  });
  const [known] = timed.sort((a, b) => a.weights - b.weights);
  if (!known) return null;
  let guessed = false;
  const passMs = (name: string | null): number => {
    const ms = mean(pace.passes[name ?? ""] ?? NONE);
    if (ms !== null) return ms;
    guessed = true;
    return (known.ms * weights(name ?? "")) / known.weights;
  };
  let ms = 0;
  for (const stretch of plan.stretches.values()) {
    if ((reached(stretch.key) ?? 0) >= stretch.of.to) continue;
    const left = evaluationsFrom(stretch, beginsAt(stretch, reached));
    const passes = passesAt(stretch.of.guidance);
    if (left.light > 0) ms += left.light * passes * passMs(stretch.of.names.light);
    if (left.heavy > 0) ms += left.heavy * passes * passMs(stretch.of.names.heavy);
  }
  ms += decodes * (mean(pace.decode) ?? DECODE_IN_PASSES * known.ms);
  ms += describes * (mean(pace.describe) ?? 0);
  return { ms, basis: guessed ? "guessed" : "measured" };
}
