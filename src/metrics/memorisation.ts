import { assertSameSize, featuresOf } from "./features.ts";
import { twoNearest } from "./neighbours.ts";

/** The share of the way to the second nearest within which the nearest counts as a copy. */
const RATIO = 1 / 3;

/** [M] 0 or 1 per generated image: it is memorised when d1 < d2 / 3, d1 ≤ d2 its Euclidean distances to the two nearest
 *  training images (pixels or features). f_mem is the mean. Strict, so a training set that has every image twice
 *  (d1 = d2) memorises nothing.
 *  Throws MetricError (TooFewSamples below 1 generated or 2 training images, SizesDiffer, NotFinite).
 *  Source: Yoon et al. 2023 (ICML workshop SPIGM), as method §8 states it. */
export function memorised(
  generated: readonly ArrayLike<number>[],
  training: readonly ArrayLike<number>[],
): Float64Array {
  const queries = featuresOf("f_mem, generated", generated, 1);
  const references = featuresOf("f_mem, training", training, 2);
  assertSameSize("f_mem", queries, references);
  return Float64Array.from({ length: queries.count }, (_, i) => {
    const [nearest, second] = twoNearest(queries, i, references);
    return nearest < RATIO * second ? 1 : 0;
  });
}
