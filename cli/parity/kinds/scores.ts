import * as v from "valibot";
import type { LatentSet } from "#flow/latentSet.ts";
import { uploadDiT } from "#models/dit.ts";
import { disposeTensors } from "#models/tensors.ts";
import { keptCount } from "#scoring/keptCount.ts";
import { scoreSamples } from "#scoring/scoreSamples.ts";
import { emptyTables, normalisedScore, scoringTimes } from "#scoring/scoreTables.ts";
import { selectByScore } from "#scoring/selectByScore.ts";
import { ditConfig } from "../configs.ts";
import { inputOf, readConfig, tensorOf, weightsOf } from "../goldenCase.ts";
import { type HostTensor, toStates } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const schema = v.object({
  config: v.object({ model: ditConfig, T: v.pipe(count, v.minValue(1)) }),
  identical: v.optional(v.array(v.array(count)), []),
  min_gap_at_cut: v.optional(v.record(v.string(), v.number()), {}),
});

/** Criteria L and G: raw tables, scores, and what is kept at the pruning ratios that the outputs' names end with. */
export const scores: Kind = async ({ golden, compare }) => {
  const { config, identical, min_gap_at_cut } = readConfig(golden, schema);
  const { shape, values: x1 } = await engineOrder(inputOf(golden, "x1"));
  const [samples = 0, height = 0, width = 0, channels = 0] = shape;
  const labels = Int32Array.from(inputOf(golden, "y").values);
  const data: LatentSet = { shape: { channels, height, width }, values: x1, labels };
  const noises = (await engineOrder(inputOf(golden, "noises"))).values;

  const tables = emptyTables(samples, scoringTimes(config.T));
  const tensors = uploadDiT(config.model, weightsOf(golden));
  const progress = scoreSamples({ config: config.model, tensors }, data, tables, { noises, gradients: true });
  for await (const _ of progress);
  disposeTensors(tensors);
  const table = (values: Float64Array): HostTensor => ({
    shape: [samples, config.T],
    values: Float32Array.from(values),
  });
  compare.output("times", { shape: [config.T], values: Float32Array.from(tables.times) });
  compare.output("loss_table", table(tables.loss));
  compare.output("grad_table", table(tables.gradient));

  const own = {
    L: normalisedScore(tables, tables.loss),
    G: normalisedScore(tables, tables.gradient),
  };
  for (const name of ["L", "G"] as const)
    compare.output(`score_${name}`, { shape: [samples], values: Float32Array.from(own[name]) });

  // Identical samples tie, and rounding may part them here: any of them stands for all. From the case's own scores, where
  // they tie exactly, the lower index must be kept.
  const standIn = new Map(identical.flatMap((group) => group.map((index) => [index, Math.min(...group)])));
  const anyOf = (indices: ArrayLike<number>) =>
    Array.from(indices, (index) => standIn.get(index) ?? index).sort((a, b) => a - b);
  for (const output of golden.outputs) {
    const [, criterion, side, ratio] = /^out\.select_([LG])_(largest|smallest)_(.+)$/.exec(output) ?? [];
    if (criterion !== "L" && criterion !== "G") continue;
    const keep = keptCount(samples, Number(ratio));
    const largest = side === "largest";
    const want = tensorOf(golden, output).values;
    const gap = min_gap_at_cut[`${criterion}_${side}_${ratio}`] ?? 0;
    if (gap === 0 || gap > ROUNDING) {
      const kept = selectByScore(own[criterion], keep, largest);
      compare.values(`${output} by own scores`, anyOf(kept), anyOf(want), "exact");
    }
    const given = tensorOf(golden, `out.score_${criterion}`).values;
    compare.set(output.replace(/^out\./, ""), selectByScore(given, keep, largest));
  }
};

/** Scores are of order 1; where two that differ by less than this lie on both sides of a cut, float32 may swap them. */
const ROUNDING = 1e-5;

/** (C,H,W) of a file as the engine's order, on the host. */
async function engineOrder(tensor: HostTensor): Promise<HostTensor> {
  const states = toStates(tensor);
  const values = Float32Array.from(await states.data());
  const { shape } = states;
  states.dispose();
  return { shape, values };
}
