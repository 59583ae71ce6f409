import type { WeightArray } from "./weights.ts";

/** How a weight is turned from the checkpoint's layout into the engine's:
 *  "matrix" [out,in] → [in,out] · "filter" [out,in,k,k] → [k,k,in,out] · "asStored". */
export type WeightLayout = "matrix" | "filter" | "asStored";

/** Tables that are multiplied by one-hot rows from the left, or looked up. */
const TABLES = ["y_embedder.embedding_table.weight", "cls_emb.weight"];

/** The layout that a weight asks for: convolution filters have rank 4, linear layers rank 2; tables and all else stay. */
export function engineLayout(name: string, shape: readonly number[]): WeightLayout {
  if (shape.length === 4) return "filter";
  return shape.length === 2 && !TABLES.includes(name) ? "matrix" : "asStored";
}

/** A weight in the engine's layout. A copy, unless it stays as stored. */
export function toEngineLayout(weight: WeightArray, layout: WeightLayout): WeightArray {
  if (layout === "asStored") return weight;
  const [outputs = 1, inputs = 1, ...kernel] = weight.shape;
  const taps = kernel.reduce((product, size) => product * size, 1); // 1 for a matrix
  const values = new Float32Array(weight.values.length);
  for (let out = 0; out < outputs; out++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) {
        values[(tap * inputs + input) * outputs + out] =
          weight.values[(out * inputs + input) * taps + tap] ?? 0;
      }
    }
  }
  return { shape: [...kernel, inputs, outputs], values };
}

/** A weight back in the checkpoint's layout and shape; the inverse of `toEngineLayout`, of whose shape its values alone
 *  are looked at. A copy, unless it stays as stored. */
export function toStoredLayout(
  values: Float32Array,
  shape: readonly number[],
  layout: WeightLayout,
): WeightArray {
  if (layout === "asStored") return { shape, values };
  const [outputs = 1, inputs = 1, ...kernel] = shape;
  const taps = kernel.reduce((product, size) => product * size, 1);
  const stored = new Float32Array(values.length);
  for (let out = 0; out < outputs; out++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++)
        stored[(out * inputs + input) * taps + tap] = values[(tap * inputs + input) * outputs + out];
    }
  }
  return { shape, values: stored };
}
