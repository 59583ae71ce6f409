import { keptCount } from "#scoring/keptCount.ts";
import type { ChoiceName } from "./criteria.ts";

/** What the reader wants of a picture, whatever the criterion says. */
export type Override = "keep" | "drop";

/** Which pictures are to be trained on. */
export interface Choice {
  readonly criterion: ChoiceName;
  /** Share that is dropped, in [0,1). */
  readonly ratio: number;
  /** Of what a criterion leaves to chance. */
  readonly seed: number;
  /** What looks at the pictures for clusters: the heavy model, or the embedding network of the metrics. */
  readonly features: "model" | "embedding";
  /** By index in the data set. */
  readonly overrides: ReadonlyMap<number, Override>;
}

export const INITIAL_CHOICE: Choice = {
  criterion: "all",
  ratio: 0.5,
  seed: 0,
  features: "model",
  overrides: new Map(),
};

/** How many of `count` pictures the ratio keeps; a criterion that rounds in each cluster may keep a few less. */
export const wantedCount = ({ criterion, ratio }: Choice, count: number): number =>
  criterion === "all" || count === 0 ? count : keptCount(count, ratio);

/** What a criterion kept, and of which question it is the answer. */
export interface Selection {
  readonly criterion: ChoiceName;
  readonly ratio: number;
  readonly seed: number;
  /** Ascending indices. */
  readonly kept: Uint32Array;
}

/** For each of `count` pictures whether it is kept, the reader's own word before the criterion's. */
export function keptMask(
  kept: Uint32Array,
  overrides: ReadonlyMap<number, Override>,
  count: number,
): Uint8Array {
  const mask = new Uint8Array(count);
  for (const index of kept) if (index < count) mask[index] = 1;
  for (const [index, wish] of overrides) if (index < count) mask[index] = wish === "keep" ? 1 : 0;
  return mask;
}

/** Places of the ones, ascending. */
export function indicesOf(mask: Uint8Array): Uint32Array {
  let count = 0;
  for (const one of mask) count += one;
  const indices = new Uint32Array(count);
  let place = 0;
  mask.forEach((one, index) => {
    if (one) indices[place++] = index;
  });
  return indices;
}

/** The overrides with one picture kept, dropped, or left to the criterion (null). */
export function withOverride(
  overrides: ReadonlyMap<number, Override>,
  index: number,
  wish: Override | null,
): ReadonlyMap<number, Override> {
  const next = new Map(overrides);
  if (wish === null) next.delete(index);
  else next.set(index, wish);
  return next;
}
