import type { WeightArray, WeightMap } from "#models/weights.ts";
import { LORA_A, LORA_B, mergedWeight, transposedValues } from "./loraPairs.ts";
import { TrainingError } from "./trainingError.ts";

/** The weights that `LoraTraining.weights` gives, bit for bit, from those of the network it began with and an exported adapter:
 *  W + scale·(B·A), scale = alpha/rank; what else the adapter holds (the label table) stands in for the network's.
 *  Throws TrainingError NoSuchLayer for matrices of a layer that the network has not, or of another size. */
export function withAdapter(weights: WeightMap, adapter: WeightMap, scale: number): WeightMap {
  const merged = new Map(weights);
  for (const [name, weight] of adapter) {
    const layer = name.match(/^(.+)\.lora_[AB]\.weight$/)?.[1];
    if (layer === undefined) merged.set(name, weight);
    else if (name === `${layer}${LORA_A}.weight`)
      merged.set(`${layer}.weight`, mergedLayer(layer, weights, adapter, scale));
  }
  return merged;
}

function mergedLayer(layer: string, weights: WeightMap, adapter: WeightMap, scale: number): WeightArray {
  const weight = weights.get(`${layer}.weight`);
  const [a, b] = [adapter.get(`${layer}${LORA_A}.weight`), adapter.get(`${layer}${LORA_B}.weight`)];
  const [rank = 0, inputs = 0] = a?.shape ?? [];
  const [outputs = 0] = b?.shape ?? [];
  const fits =
    weight?.shape.join() === [outputs, inputs].join() && b?.shape.join() === [outputs, rank].join();
  if (!weight || !a || !b || !fits) throw new TrainingError({ kind: "NoSuchLayer", layer });
  const pair = {
    a: transposedValues(a.values, rank, inputs),
    b: transposedValues(b.values, outputs, rank),
    inputs,
    outputs,
    rank,
  };
  return mergedWeight(weight, pair, scale);
}
