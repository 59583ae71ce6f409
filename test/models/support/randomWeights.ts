import { normals } from "#flow/noise.ts";
import type { WeightMap, WeightSpec } from "#models/weights.ts";

/** Random weights for a spec, scaled so that activations stay of order 1; every bias and gate is alive. `pos_embed` is
 *  left out: the networks know their table. */
export function randomWeights(spec: WeightSpec, seed: number): WeightMap {
  const names = [...spec].filter(([name]) => name !== "pos_embed");
  return new Map(
    names.map(([name, shape], index) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const scale = 1 / Math.sqrt(size / shape[0]); // one over the root of the fan-in
      return [name, { shape, values: normals(seed, index, size).map((value) => value * 0.7 * scale) }];
    }),
  );
}
