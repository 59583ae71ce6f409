import type { Family } from "./manifest.ts";

/** Seed s takes class s mod (number of classes), so the class follows from the seed alone and not from the place in a
 *  batch or a grid. */
export const MIXED = "mixed";

/** Class index of a seed where `className` is a class of the family by name, or MIXED; 0 when the family does not know
 *  the class. */
export function labelOf(className: string, seed: number, classes: Family["classes"]): number {
  if (className === MIXED) return seed % classes.length;
  return Math.max(
    0,
    classes.findIndex((one) => one.name === className),
  );
}
