import type { WeightArray } from "#models/weights.ts";
import { type ParameterLayout, partOf } from "./parameters.ts";
import { TrainingError } from "./trainingError.ts";

/** Ends of the names of A and B among the trained numbers. */
export const LORA_A = ".lora_A";
export const LORA_B = ".lora_B";

/** A and B of a layer on the host, row-major. */
export interface LoraPair {
  readonly a: Float32Array; // [in,r]
  readonly b: Float32Array; // [r,out]
  readonly inputs: number;
  readonly outputs: number;
  readonly rank: number;
}

/** The pair of the layer `name` in the trained numbers, as views. Throws TrainingError NoSuchLayer. */
export function pairOf({ slots }: ParameterLayout, name: string, values: Float32Array): LoraPair {
  const [slotA, slotB] = [slots.get(`${name}${LORA_A}`), slots.get(`${name}${LORA_B}`)];
  if (!slotA || !slotB) throw new TrainingError({ kind: "NoSuchLayer", layer: name });
  const [inputs, rank] = slotA.shape;
  return { a: partOf(values, slotA), b: partOf(values, slotB), inputs, outputs: slotB.shape[1], rank };
}

/** W [out,in] + scale·(A·B)ᵀ. */
export function mergedWeight(
  { shape, values }: WeightArray,
  { a, b, inputs, outputs, rank }: LoraPair,
  scale: number,
): WeightArray {
  const merged = values.slice();
  for (let input = 0; input < inputs; input++) {
    for (let output = 0; output < outputs; output++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += a[input * rank + r] * b[r * outputs + output];
      merged[output * inputs + input] += scale * sum;
    }
  }
  return { shape, values: merged };
}

/** A matrix [rows,columns] as [columns,rows]. */
export function transposedValues(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column];
  return turned;
}
