import { fail, ok, type Result } from "#bytes/result.ts";
import { sha256Hex } from "#bytes/sha256.ts";
import type { TensorMap } from "#checkpoints/tensor.ts";
import { ModelError } from "#models/modelError.ts";
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
import { specOf } from "./networkShapes.ts";
import { problemWords } from "./problemWords.ts";
import { keptWeights } from "./weightsFile.ts";

/** A draft as `LocalModels.put` takes it, the way the reader wants it. Errors: BadAnswer. */
export async function modelOfDraft(
  { draft, tensors, id }: Inspected,
  { name, fit, classes, licence, known }: Answers,
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
  const network = withKnown(draft.network, known, tensors);
  if (!network.ok) return refuse("network", network.error);
  const identity = { ...network.value, family: chosen.family, autoencoder: chosen.autoencoder, classes };
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

/** The network with what the reader knows of it, or a sentence about why none can be like that. */
function withKnown(
  network: LocalNetwork,
  { num_heads, groups }: Answers["known"],
  tensors: TensorMap,
): Result<LocalNetwork, string> {
  const known: LocalNetwork =
    network.architecture === "dit"
      ? { ...network, config: { ...network.config, ...(num_heads !== undefined && { num_heads }) } }
      : { ...network, config: { ...network.config, ...(groups !== undefined && { groups }) } };
  try {
    specOf(known, tensors);
    return ok(known);
  } catch (cause) {
    if (cause instanceof ModelError) return fail(problemWords(cause));
    throw cause;
  }
}
