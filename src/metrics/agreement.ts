import { assertSameCount } from "./features.ts";
import { MetricError } from "./metricError.ts";

/** What the attribute classifier reads in an image: a value an attribute; null where the attribute does not belong to
 *  the class that it sees. */
export type SeenValues = readonly (string | number | null)[];

/** Share of attributes with equal values in both images, in [0, 1], over those that apply to either: one that applies to
 *  one image alone (the other was seen as another class) counts as different. `pair` names the pair in errors.
 *  Throws MetricError (CountsDiffer; NothingApplies when no attribute applies). Source: method §8. */
export function attributeAgreement(a: SeenValues, b: SeenValues, pair = 0): number {
  assertSameCount("attributes of a pair", a.length, b.length);
  let applies = 0;
  let equal = 0;
  a.forEach((value, i) => {
    if (value === null && b[i] === null) return;
    applies++;
    if (value === b[i]) equal++;
  });
  if (applies === 0) throw new MetricError({ kind: "NothingApplies", pair });
  return equal / applies;
}

/** Agreement of one attribute over all pairs. */
export interface AttributeShare {
  /** Share of pairs with equal values; null where the attribute applied to none. */
  readonly share: number | null;
  /** Pairs that it applied to. */
  readonly pairs: number;
}

/** For each attribute, how often the pairs (a_i, b_i) agree on it. Throws MetricError CountsDiffer. */
export function agreementByAttribute(a: readonly SeenValues[], b: readonly SeenValues[]): AttributeShare[] {
  assertSameCount("attribute agreement", a.length, b.length);
  const attributes = a[0]?.length ?? 0;
  a.forEach((values, i) => {
    for (const { length } of [values, b[i]]) assertSameCount("attributes of a pair", attributes, length);
  });
  return Array.from({ length: attributes }, (_, h) => {
    const applying = a.flatMap((values, i) => (values[h] === null && b[i][h] === null ? [] : [i]));
    const equal = applying.filter((i) => a[i][h] === b[i][h]).length;
    return { share: applying.length === 0 ? null : equal / applying.length, pairs: applying.length };
  });
}
