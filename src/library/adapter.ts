import { fail, ok, type Result } from "#bytes/result.ts";
import { toFloat32 } from "#checkpoints/floats.ts";
import type { RawTensor, TensorMap } from "#checkpoints/tensor.ts";
import type { WeightArray } from "#models/weights.ts";
import { mergedWeight, transposedValues } from "#training/loraPairs.ts";
import type { ImportError } from "./importError.ts";
import type { Base, Lora } from "./localModel.ts";
import { tensorsOf } from "./weightsFile.ts";

const A = ".lora_A.weight";
const B = ".lora_B.weight";

/** Whether tensors are low-rank matrices rather than a network. */
export const isAdapter = (tensors: TensorMap): boolean =>
  [...tensors.keys()].some((name) => name.endsWith(A));

export interface MergedAdapter {
  readonly tensors: TensorMap;
  readonly mergedInto: Base | null;
}

/** W + alpha/rank·(B·A) for every layer with a pair A [r,in], B [out,r], as f32; other tensors of the adapter, such as the
 *  label table, take the place of the base's. The same arithmetic in the same order as at the end of a training run.
 *  Errors: WeightsDoNotFit for a matrix without its partner, without its layer, or of another size. */
export function mergeAdapter(
  adapter: TensorMap,
  base: TensorMap,
  { rank, alpha, of }: Lora,
  file: string,
): Result<MergedAdapter, ImportError> {
  const unfit = (detail: string) => fail({ kind: "Unreadable" as const, file, detail });
  const merged = new Map<string, WeightArray>();
  for (const [name, tensor] of base) merged.set(name, widened(tensor));
  for (const [name, tensor] of adapter) {
    if (name.endsWith(B)) {
      if (!adapter.has(`${name.slice(0, -B.length)}${A}`)) return unfit(`${name} has no ${A} beside it.`);
      continue;
    }
    if (!name.endsWith(A)) {
      merged.set(name, widened(tensor));
      continue;
    }
    const layer = `${name.slice(0, -A.length)}.weight`;
    const weight = merged.get(layer);
    const second = adapter.get(`${name.slice(0, -A.length)}${B}`);
    if (!second) return unfit(`${name} has no ${B} beside it.`);
    if (!weight) return unfit(`${of.name} has no layer ${layer}, which ${name} is for.`);
    const [outputs, inputs] = weight.shape;
    if (tensor.shape.join() !== `${rank},${inputs}` || second.shape.join() !== `${outputs},${rank}`)
      return unfit(
        `The matrices [${tensor.shape.join(", ")}] and [${second.shape.join(", ")}] do not fit ${layer} [${outputs}, ${inputs}] with rank ${rank}.`,
      );
    const pair = {
      a: transposedValues(toFloat32(tensor), rank, inputs),
      b: transposedValues(toFloat32(second), outputs, rank),
      inputs,
      outputs,
      rank,
    };
    merged.set(layer, mergedWeight(weight, pair, alpha / rank));
  }
  return ok({ tensors: tensorsOf(merged), mergedInto: of });
}

const widened = (tensor: RawTensor): WeightArray => ({ shape: tensor.shape, values: toFloat32(tensor) });
