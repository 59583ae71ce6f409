import { sha256Hex } from "#bytes/sha256.ts";
import { positionTable } from "#kernels/positionTable.ts";
import { ditSizes } from "#models/ditConfig.ts";
import { ModelError } from "#models/modelError.ts";
import { POS_EMBED } from "#models/positionCheck.ts";
import type { WeightArray, WeightMap } from "#models/weights.ts";
import { descriptionOf } from "./describeModel.ts";
import { type LocalFiles, type LocalModel, type LocalNetwork, localModelId } from "./localModel.ts";
import { specOf } from "./networkShapes.ts";
import { keptWeights, parameterCount, tensorsOf, withMetadata } from "./weightsFile.ts";

/** What a training run ends with. */
export type FineTuned = LocalNetwork &
  Pick<
    LocalModel,
    "name" | "family" | "autoencoder" | "classes" | "base" | "recipe" | "licence" | "metrics" | "createdAt"
  > & {
    /** All weights under the checkpoint's names and in its layout, the averaged ones; low-rank matrices merged. */
    readonly weights: WeightMap;
    /** The low-rank matrices, when these were trained. `adapter` as `LoraTraining.adapter` gives it. */
    readonly lora: { readonly rank: number; readonly alpha: number; readonly adapter: WeightMap } | null;
  };

/** A trained model as `LocalModels.put` takes it. Weights are kept as f32: they are exactly what was trained.
 *  Throws ModelError: an impossible config, MissingWeight. */
export async function fineTunedModel({
  weights: trained,
  lora: matrices,
  ...made
}: FineTuned): Promise<{ readonly model: LocalModel; readonly files: LocalFiles }> {
  const tensors = tensorsOf(inOrder(made, trained));
  const weights = keptWeights(made, tensors);
  const sha256 = await sha256Hex(weights);
  const lora = matrices && made.base && { rank: matrices.rank, alpha: matrices.alpha, of: made.base };
  const model: LocalModel = {
    ...made,
    id: localModelId(made.name, sha256),
    kind: "fine-tuned",
    lora,
    parameters: parameterCount(tensors),
    bytes: weights.length,
    sha256,
  };
  const adapter =
    matrices && lora ? withMetadata(tensorsOf(matrices.adapter), { ...descriptionOf(model), lora }) : null;
  return { model, files: { weights, adapter } };
}

/** The network's weights in the order of its spec, which the kept file has; the fixed position table where it was left out. */
function inOrder(network: LocalNetwork, weights: WeightMap): WeightMap {
  return new Map(
    [...specOf(network, weights).keys()].map((name): [string, WeightArray] => {
      const weight = weights.get(name) ?? (name === POS_EMBED ? fixedTable(network) : undefined);
      if (!weight) throw new ModelError({ kind: "MissingWeight", name });
      return [name, weight];
    }),
  );
}

function fixedTable(network: LocalNetwork): WeightArray | undefined {
  if (network.architecture !== "dit") return undefined;
  const { grid, tokens } = ditSizes(network.config);
  const width = network.config.hidden_size;
  return { shape: [1, tokens, width], values: positionTable(width, grid) };
}
