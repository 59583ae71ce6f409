import { fail, ok, type Result } from "#bytes/result.ts";
import { sha256Hex } from "#bytes/sha256.ts";
import type { Answers } from "./draft.ts";
import type { ImportError } from "./importError.ts";
import type { Inspected } from "./inspect.ts";
import {
  isIdOf,
  LONGEST_NAME,
  type LocalFiles,
  type LocalModel,
  type LocalNetwork,
  localModelId,
} from "./localModel.ts";
import { keptWeights } from "./weightsFile.ts";

/** A draft as `LocalModels.put` takes it, the way the reader wants it. Errors: BadAnswer. */
export async function modelOfDraft(
  { draft, tensors, id }: Inspected,
  { name, fit, classes, licence, heads }: Answers,
  now: number,
): Promise<Result<{ readonly model: LocalModel; readonly files: LocalFiles }, ImportError>> {
  const refuse = (field: string, detail: string) => fail({ kind: "BadAnswer" as const, field, detail });
  const chosen = draft.fits.find(
    ({ family, autoencoder }) => family === fit.family && autoencoder === fit.autoencoder,
  );
  if (!chosen) return refuse("family", `The model does not draw in the latents of ${fit.family}.`);
  if (name.trim() === "" || name.length > LONGEST_NAME)
    return refuse("name", `A name has 1 to ${LONGEST_NAME} characters.`);
  if (classes.length !== chosen.newClasses)
    return refuse(
      "classes",
      `The model knows ${chosen.newClasses} further classes; ${classes.length} are named.`,
    );
  const network = heads === null ? draft.network : withHeads(draft.network, heads);
  if (!network) return refuse("heads", `The width cannot be shared out among ${heads} attention heads.`);
  const identity = { ...network, family: chosen.family, autoencoder: chosen.autoencoder, classes };
  const weights = keptWeights(identity, tensors);
  const sha256 = await sha256Hex(weights);
  const model: LocalModel = {
    ...identity,
    id: id !== null && isIdOf(id, sha256) ? id : localModelId(name, sha256),
    name: name.trim(),
    kind: draft.said.kind,
    base: draft.said.base,
    lora: null,
    recipe: draft.said.recipe,
    licence,
    metrics: draft.said.metrics,
    parameters: draft.parameters,
    createdAt: now,
    bytes: weights.length,
    sha256,
  };
  return ok({ model, files: { weights, adapter: null } });
}

/** The same network with so many attention heads; null when they do not divide its width, or it has none to count. */
function withHeads(network: LocalNetwork, heads: number): LocalNetwork | null {
  if (network.architecture !== "dit") return null;
  if (!Number.isInteger(heads) || heads < 1 || network.config.hidden_size % heads !== 0) return null;
  return { ...network, config: { ...network.config, num_heads: heads } };
}
