import type { Family, ModelEntry } from "./manifest.ts";

/** Seed s takes class s mod (number of the family's classes), so the class follows from the seed alone and not from the
 *  place in a batch or a grid, and is the same for a model that knows further classes. */
export const MIXED = "mixed";

/** Names of the classes in label order that can be asked of models that draw together: the family's, and those which all
 *  of these models know further, each under the same label. */
export function classesOf(
  family: Pick<Family, "classes">,
  models: readonly (Pick<ModelEntry, "classes"> | null)[],
): readonly string[] {
  const [first = [], ...others] = models.flatMap((model) => (model ? [model.classes ?? []] : []));
  const differ = first.findIndex((name, at) => others.some((other) => other[at] !== name));
  return [...family.classes.map(({ name }) => name), ...(differ < 0 ? first : first.slice(0, differ))];
}

/** Class index of a seed where `className` is one of `names` or MIXED; 0 for a class that is not among them.
 *  names: as `classesOf` gives them. */
export function labelOf(
  className: string,
  seed: number,
  names: readonly string[],
  { classes }: Pick<Family, "classes">,
): number {
  return className === MIXED ? seed % classes.length : Math.max(0, names.indexOf(className));
}
