import { sha256Hex } from "#bytes/sha256.ts";
import type { WeightMap } from "#models/weights.ts";
import { type LocalFiles, type LocalModel, type LocalNetwork, localModelId } from "./localModel.ts";
import { type Identity, keptWeights, parameterCount, tensorsOf, withMetadata } from "./weightsFile.ts";

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

/** A trained model as `LocalModels.put` takes it. Weights are kept as f32: they are exactly what was trained. */
export async function fineTunedModel({
  weights,
  lora: trained,
  ...made
}: FineTuned): Promise<{ readonly model: LocalModel; readonly files: LocalFiles }> {
  const kept = keptWeights(made, tensorsOf(weights));
  const sha256 = await sha256Hex(kept);
  const lora = trained && made.base && { rank: trained.rank, alpha: trained.alpha, of: made.base };
  const model: LocalModel = {
    ...made,
    id: localModelId(made.name, sha256),
    kind: "fine-tuned",
    lora,
    parameters: parameterCount(weights),
    bytes: kept.length,
    sha256,
  };
  const adapter =
    trained && lora ? withMetadata(tensorsOf(trained.adapter), { ...identityOf(model), lora }) : null;
  return { model, files: { weights: kept, adapter } };
}

const identityOf = (model: LocalModel): Identity => model;
