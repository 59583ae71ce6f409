import { classesOf } from "#checkpoints/classes.ts";
import type { Family, FileEntry } from "#checkpoints/manifest.ts";
import type { ChosenModels } from "#checkpoints/modelChoice.ts";
import { type ImageSettings, SETTINGS_VERSION } from "#images/settings.ts";
import type { BackendName, Drawing, Evaluations, ImageRequest } from "./protocol.ts";

/** All that is needed to make an image again, with the hashes of the weights that made it. */
export function imageSettings(
  { seed, label, model, tau, steps, solver, guidance }: Drawing & ImageRequest,
  result: { readonly sha256: string; readonly nfe: Evaluations },
  family: Family,
  { light, heavy, autoencoder }: ChosenModels,
  made: { readonly backend: BackendName; readonly app: string },
): ImageSettings {
  const hashes = (part: { readonly files: readonly FileEntry[] }) => part.files.map((file) => file.sha256);
  const { sha256, nfe } = result;
  return {
    version: SETTINGS_VERSION,
    family: family.name,
    seed,
    label,
    class: classesOf(family, [light, heavy])[label] ?? "",
    model,
    tau,
    steps,
    solver,
    guidance,
    models: {
      decoder: hashes(autoencoder.decoder),
      ...(light && nfe.light > 0 && { light: hashes(light) }),
      ...(heavy && nfe.heavy > 0 && { heavy: hashes(heavy) }),
    },
    sha256,
    nfe,
    ...made,
  };
}
