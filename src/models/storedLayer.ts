import { ModelError } from "./modelError.ts";
import type { WeightArray, WeightMap } from "./weights.ts";

/** The matrix and bias of the linear layer `name`, as stored. Throws MissingWeight. */
export function storedLayer(weights: WeightMap, name: string): { matrix: WeightArray; bias: Float32Array } {
  return {
    matrix: storedWeight(weights, `${name}.weight`),
    bias: storedWeight(weights, `${name}.bias`).values,
  };
}

/** Throws MissingWeight. */
export function storedWeight(weights: WeightMap, name: string): WeightArray {
  const found = weights.get(name);
  if (found === undefined) throw new ModelError({ kind: "MissingWeight", name });
  return found;
}

/** A filter [D,C,p,p] as a matrix over patches whose columns are ordered (dy, dx, channel): [D,p·p·C]. */
export function patchMatrix({ shape: [outputs, channels, p], values }: WeightArray): WeightArray {
  const inputs = p * p * channels;
  const matrix = new Float32Array(outputs * inputs);
  for (let out = 0; out < outputs; out++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let tap = 0; tap < p * p; tap++)
        matrix[out * inputs + tap * channels + channel] = values[(out * channels + channel) * p * p + tap];
    }
  }
  return { shape: [outputs, inputs], values: matrix };
}
