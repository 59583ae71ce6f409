import type { Scores } from "#state/finetune/scores.ts";
import { scoreValues } from "#state/finetune/scores.ts";
import type { Look } from "../look.ts";

/** Pictures that are shown, in the order in which they are: those of the wanted class and cluster, kept or dropped. */
export function picturesShown(
  count: number,
  labels: Uint16Array,
  scores: Scores | null,
  mask: Uint8Array | null,
  { label, cluster, sort, falling, shown }: Pick<Look, "label" | "cluster" | "sort" | "falling" | "shown">,
): readonly number[] {
  const clusters = scores?.clusters?.labels;
  const wanted: number[] = [];
  for (let index = 0; index < count; index++) {
    if (label !== null && labels[index] !== label) continue;
    if (cluster !== null && clusters?.[index] !== cluster) continue;
    if (shown !== "all" && mask && (mask[index] === 1) !== (shown === "kept")) continue;
    wanted.push(index);
  }
  const values = sort === "order" || !scores ? null : scoreValues(scores, sort);
  if (!values) return wanted;
  const sign = falling ? -1 : 1;
  return wanted.sort((a, b) => sign * (values[a] - values[b]) || a - b);
}

/** Place of a value among all, from 1 for the largest; equal values share the first place. */
export function rankOf(values: Float64Array, index: number): number {
  let rank = 1;
  for (const value of values) if (value > values[index]) rank++;
  return rank;
}
