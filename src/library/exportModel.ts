import { fail, ok, type Result } from "#bytes/result.ts";
import { toFloat32, toHalfBits } from "#checkpoints/floats.ts";
import { describeSafetensorsError, parseSafetensors } from "#checkpoints/safetensors.ts";
import type { RawTensor, TensorMap } from "#checkpoints/tensor.ts";
import { descriptionOf } from "./describeModel.ts";
import type { ExportWish } from "./exportWish.ts";
import type { LocalFiles, LocalModel } from "./localModel.ts";
import { modelCard } from "./modelCard.ts";
import { withMetadata } from "./weightsFile.ts";

export interface ExportedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The files of an exported model: weights, config and model card. A model that leaves as f32 and comes back is the same
 *  one, under the same id; as f16 it is another, since its pictures differ.
 *  Errors: a sentence, for weights that were damaged and for low-rank matrices that there are not. */
export function exportedFiles(
  model: LocalModel,
  files: LocalFiles,
  { precision, what }: Pick<ExportWish, "precision" | "what">,
): Result<readonly ExportedFile[], string> {
  const content = what === "adapter" ? files.adapter : files.weights;
  if (!content) return fail(`${model.name} has no low-rank matrices of its own.`);
  const parsed = parseSafetensors(content);
  if (!parsed.ok) return fail(describeSafetensorsError(parsed.error));
  const description = { ...descriptionOf(model), ...(what === "adapter" && { lora: model.lora }) };
  const stem = what === "adapter" ? `${model.id}-lora` : model.id;
  const tensors = inPrecision(parsed.value.tensors, precision);
  if (!tensors.ok) return tensors;
  const text = (name: string, contents: string) => ({ name, bytes: new TextEncoder().encode(contents) });
  return ok([
    { name: `${stem}.safetensors`, bytes: withMetadata(tensors.value, description) },
    text("config.json", `${JSON.stringify(description, null, 2)}\n`),
    text("README.md", modelCard(model, sentenceOf(model, { precision, what }))),
  ]);
}

function sentenceOf(
  { lora }: LocalModel,
  { precision, what }: Pick<ExportWish, "precision" | "what">,
): string {
  if (what === "merged") return `The weights are the averaged ones, as ${precision}.`;
  return `Low-rank matrices of rank ${lora?.rank} alone, as ${precision}, to be added to ${lora?.of.name}.`;
}

/** Tensors as f32 or f16. As f32 a tensor that is stored shorter stays as it is: it is exact already.
 *  Errors: a sentence, for numbers that no f16 can hold. */
function inPrecision(tensors: TensorMap, precision: "F32" | "F16"): Result<TensorMap, string> {
  if (precision === "F32") return ok(tensors);
  const halved = new Map<string, RawTensor>();
  for (const [name, tensor] of tensors) {
    const halves = tensor.dtype === "F16" ? null : toHalfBits(toFloat32(tensor));
    if (halves?.some((bits) => (bits & 0x7c00) === 0x7c00))
      return fail(`${name} holds numbers beyond 65,504, which f16 cannot. Export as f32.`);
    const bytes = halves ? new Uint8Array(halves.buffer) : tensor.bytes;
    halved.set(name, { dtype: "F16", shape: tensor.shape, bytes });
  }
  return ok(halved);
}
