import * as v from "valibot";
import { toFloat32 } from "#checkpoints/floats.ts";
import { describeSafetensorsError, parseSafetensors } from "#checkpoints/safetensors.ts";
import type { TensorMap } from "#checkpoints/tensor.ts";
import { describeTorchError, isWeightEntry, parseTorch } from "#checkpoints/torch.ts";
import { checkWeights, describeWeightsError } from "#checkpoints/weights.ts";
import { createDiT } from "#models/dit.ts";
import { ditSpec } from "#models/ditConfig.ts";
import { CaseError } from "../caseError.ts";
import { ditConfig } from "../configs.ts";
import { inputOf, numbersOf, readConfig } from "../goldenCase.ts";
import { fromStates, toStates } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";

const schema = v.object({
  config: v.object({
    model: ditConfig,
    /** File name to what it holds, in words that name outputs of the case. */
    files: v.record(v.string(), v.string()),
  }),
});

/** Checkpoint files beside the case, as a page would load them: the velocity with the weights of each, and single
 *  tensors. Which file gives which output is in the words of `config.files`: `v_x`, `v_x from ["model"]`, or
 *  `name (… = out.x)` for a tensor of the file. */
export const containers: Kind = async ({ golden, compare, folder }) => {
  const { config } = readConfig(golden, schema);
  const x = toStates(inputOf(golden, "x"));
  const times = numbersOf(golden, "t");
  const labels = numbersOf(golden, "y");
  for (const [file, holds] of Object.entries(config.files)) {
    const bytes = await folder.read(file);
    for (const [, velocity = "", part] of holds.matchAll(/\b(v_\w+)(?: from \["(\w+)"\])?/g)) {
      if (!golden.outputs.includes(`out.${velocity}`)) continue;
      const checked = checkWeights(tensorsOf(file, bytes, part), ditSpec(config.model));
      if (!checked.ok) throw new CaseError(`${file}: ${describeWeightsError(checked.error)}`);
      const model = createDiT(config.model, checked.value.weights);
      compare.output(velocity, await fromStates(model.forward(x, times, labels)));
      model.dispose();
    }
    for (const [, name = "", output = ""] of holds.matchAll(/(\w+) \([^)]*= out\.(\w+)\)/g)) {
      const tensor = tensorsOf(file, bytes).get(name);
      if (!tensor) throw new CaseError(`${file} has no tensor ${name}`);
      compare.output(output, { shape: tensor.shape, values: toFloat32(tensor) });
    }
  }
};

/** The tensors of a checkpoint; of a torch file with several sets of weights those of `part`, if it names one. */
function tensorsOf(file: string, bytes: Uint8Array, part?: string): TensorMap {
  if (file.endsWith(".safetensors")) {
    const parsed = parseSafetensors(bytes);
    if (!parsed.ok) throw new CaseError(`${file}: ${describeSafetensorsError(parsed.error)}`);
    return parsed.value.tensors;
  }
  if (part !== undefined && !isWeightEntry(part)) throw new CaseError(`${file}: '${part}' holds no weights`);
  const parsed = parseTorch(bytes, part);
  if (!parsed.ok) throw new CaseError(`${file}: ${describeTorchError(parsed.error)}`);
  return parsed.value.tensors;
}
