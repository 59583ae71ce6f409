import * as v from "valibot";
import { normals } from "#flow/noise.ts";
import { philox4x32 } from "#flow/philox.ts";
import { CaseError } from "../caseError.ts";
import { readConfig } from "../goldenCase.ts";
import type { Kind } from "../kind.ts";

const word = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1));
const words4 = v.tuple([word, word, word, word]);
const seed = v.union([
  v.pipe(
    v.string(),
    v.digits(),
    v.transform((digits) => BigInt(digits)),
  ),
  v.pipe(v.number(), v.safeInteger()),
]);
const stream = v.pipe(v.number(), v.integer(), v.minValue(0));

const schema = v.object({
  config: v.optional(v.object({ seed, stream, n: v.pipe(v.number(), v.integer(), v.minValue(0)) })),
  philox4x32_10: v.optional(
    v.array(v.object({ counter: words4, key: v.tuple([word, word]), output: words4 })),
    [],
  ),
  normals: v.optional(v.array(v.object({ seed, stream, normals: v.array(v.number()) })), []),
});

/** Philox words, exact; normals by seed and stream, in the JSON or as a tensor. */
export const noise: Kind = async ({ golden, compare }) => {
  const { config, philox4x32_10, normals: lists } = readConfig(golden, schema);
  for (const { counter, key, output } of philox4x32_10) {
    compare.values(`philox ${counter} / ${key}`, philox4x32(counter, key), output, "exact");
  }
  for (const list of lists) {
    if (compare.limits === null) throw new CaseError("the case has no atol and rtol to judge its normals by");
    const got = normals(list.seed, list.stream, list.normals.length);
    compare.values(`normals of seed ${list.seed}, stream ${list.stream}`, got, list.normals, compare.limits);
  }
  if (golden.outputs.includes("out.normals")) {
    if (!config) throw new CaseError("the case has no config for out.normals");
    compare.output("normals", { shape: [config.n], values: normals(config.seed, config.stream, config.n) });
  }
};
