import { STYLES } from "./styles.ts";

export const SPLITS = ["train", "held-out"] as const;
export type Split = (typeof SPLITS)[number];

/** How large a data set is. */
export interface Plan {
  readonly size: number;
  readonly perClass: number;
  readonly heldOutPerClass: number;
  /** Images a tar, a multiple of the number of styles. */
  readonly perTar: number;
}

/** One tar: every style at the indices first, …, first + indices − 1. */
export interface TarPlan {
  readonly file: string;
  readonly split: Split;
  readonly first: number;
  readonly indices: number;
}

/** One image; its seed depends on style and index alone, so a larger set begins with the smaller one's images. */
export interface ImagePlan {
  readonly key: string;
  readonly label: number;
  readonly style: string;
  readonly index: number;
  readonly seed: string;
}

/** The first index of the held-out images. It stands still at 3,000 up to that many training images a class, so that
 *  sets of different size share the held-out images; then it moves behind the training images. */
export const heldOutStart = (perClass: number): number => Math.max(3000, perClass);

/** The tars of both splits in order. */
export function planTars(plan: Plan): TarPlan[] {
  const { perClass, heldOutPerClass, perTar } = plan;
  const perFile = perTar / STYLES.length;
  const cut = (split: Split, start: number, count: number) =>
    Array.from({ length: Math.ceil(count / perFile) }, (_, n) => ({
      file: `${split}-${String(n).padStart(5, "0")}.tar`,
      split,
      first: start + n * perFile,
      indices: Math.min(perFile, count - n * perFile),
    }));
  return [...cut("train", 0, perClass), ...cut("held-out", heldOutStart(perClass), heldOutPerClass)];
}

/** The images of a tar: index ascending, then label. */
export function* planImages({ first, indices }: TarPlan): Generator<ImagePlan> {
  for (let index = first; index < first + indices; index++)
    for (const [label, { name }] of STYLES.entries())
      yield {
        key: `${name}/${String(index).padStart(6, "0")}`,
        label,
        style: name,
        index,
        seed: `${name}/${index}`,
      };
}
