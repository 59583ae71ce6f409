import type { Estimate } from "./estimate.ts";

/** Where a comparison stands beside the noise floor: two runs of one recipe that differ in the training seed alone. */
export type AgainstFloor =
  /** Less alike than two training seeds: the change shows. */
  | "below"
  /** The intervals overlap: not to be told from another training seed. */
  | "within"
  /** More alike than two training seeds. */
  | "above";

/** Compares two similarities (s_norm, or s) by their 95 % intervals: "below" when the interval of `measured` ends before
 *  that of `floor` begins, "above" when it begins after that ends. Source: method §8. */
export function againstFloor(measured: Estimate, floor: Estimate): AgainstFloor {
  if (measured.high < floor.low) return "below";
  if (measured.low > floor.high) return "above";
  return "within";
}
