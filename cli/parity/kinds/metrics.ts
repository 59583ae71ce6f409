import * as v from "valibot";
import { pairedCosines } from "#metrics/cosine.ts";
import { coverageShares, DENSITY_K, PRECISION_K } from "#metrics/coverage.ts";
import { featuresOf } from "#metrics/features.ts";
import { frechetDistance } from "#metrics/frechet.ts";
import { kernelDistance } from "#metrics/kernelDistance.ts";
import { radiiToNearest } from "#metrics/neighbours.ts";
import { normalised } from "#metrics/similarity.ts";
import { CaseError } from "../caseError.ts";
import { type GoldenCase, inputOf, numbersOf, readConfig } from "../goldenCase.ts";
import type { Kind } from "../kind.ts";

const schema = v.object({ config: v.object({ pr_k: v.number(), dc_k: v.number() }) });

/** Distances of two sets of features, and the cosine of pairs against that of the pairs which a permutation makes. */
export const metrics: Kind = async ({ golden, compare }) => {
  const { pr_k, dc_k } = readConfig(golden, schema).config;
  if (pr_k !== PRECISION_K || dc_k !== DENSITY_K)
    throw new CaseError(`k = ${pr_k} and ${dc_k}; only ${PRECISION_K} and ${DENSITY_K} are measured here`);
  const real = rowsOf(golden, "real");
  const fake = rowsOf(golden, "fake");
  const scalar = (name: string, value: number) =>
    compare.output(name, { shape: [], values: Float32Array.of(value) });

  scalar("frechet", frechetDistance(real, fake));
  scalar("frechet_self", frechetDistance(real, real));
  scalar("kid", kernelDistance(real, fake));
  for (const [name, shares] of Object.entries(coverageShares(real, fake))) scalar(name, mean(shares));
  const ks = [PRECISION_K, DENSITY_K];
  radiiToNearest(featuresOf("radius", real), ks).forEach((radii, i) => {
    compare.output(`knn${ks[i]}_real`, { shape: [real.length], values: Float32Array.from(radii) });
  });

  const a = rowsOf(golden, "pair_a");
  const b = rowsOf(golden, "pair_b");
  const permutation = numbersOf(golden, "permutation");
  const s = mean(pairedCosines(a, b));
  const unrelated = mean(
    pairedCosines(
      a,
      permutation.map((i) => b[i]),
    ),
  );
  scalar("cosine", s);
  scalar("cosine_unrelated", unrelated);
  scalar("cosine_normalised", normalised(s, unrelated));
};

/** The rows of an input [N, D]. */
function rowsOf(golden: GoldenCase, name: string): Float32Array[] {
  const { shape, values } = inputOf(golden, name);
  const [count = 0, size = 0] = shape;
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
