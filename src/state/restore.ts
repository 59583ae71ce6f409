import { fail, ok, type Result } from "#bytes/result.ts";
import { classesOf } from "#checkpoints/classes.ts";
import { type FileEntry, findFamily, type Manifest } from "#checkpoints/manifest.ts";
import { chooseModels } from "#checkpoints/modelChoice.ts";
import { type ImageSettings, type SettingsError, settingsFromPng } from "#images/settings.ts";
import type { GenerateSettings } from "./settings.ts";

/** Why a file's settings could not be taken over. */
export type Refusal =
  | SettingsError
  | { readonly kind: "UnknownFamily"; readonly family: string; readonly known: readonly string[] }
  /** `reason` is a sentence. */
  | { readonly kind: "UnknownModel"; readonly model: string; readonly reason: string }
  | { readonly kind: "TooLarge"; readonly bytes: number }
  | { readonly kind: "Unreadable"; readonly detail: string };

/** Why the same settings may give another picture here. */
export type Doubt =
  | { readonly kind: "OtherWeights"; readonly parts: readonly (keyof ImageSettings["models"])[] }
  | { readonly kind: "OtherClass"; readonly was: string; readonly is: string };

export interface Restored {
  readonly settings: GenerateSettings;
  readonly doubts: readonly Doubt[];
}

/** A picture of ours is some tens of kilobytes; a photograph dropped by mistake is not read at all. */
export const LARGEST_FILE = 32 * 1024 * 1024;

/** The page's settings for one picture. */
export const settingsOfImage = (image: ImageSettings): GenerateSettings => ({
  family: image.family,
  seed: image.seed,
  count: 1,
  className: image.class,
  model: image.model,
  tau: image.tau,
  steps: image.steps,
  solver: image.solver,
  guidance: image.guidance,
  view: "one",
});

/** Settings that a PNG of ours carries, checked against what is installed. Total: answers for every byte string. */
export function restore(bytes: Uint8Array, manifest: Manifest): Result<Restored, Refusal> {
  const read = settingsFromPng(bytes);
  if (!read.ok) return read;
  const image = read.value;
  const family = findFamily(manifest, image.family);
  if (!family) {
    const known = manifest.families.map((one) => one.name);
    return fail({ kind: "UnknownFamily", family: image.family, known });
  }
  const chosen = chooseModels(family, image.model);
  if (!chosen.ok) return fail({ kind: "UnknownModel", model: image.model, reason: chosen.error });
  const { light, heavy, autoencoder } = chosen.value;
  const installed: Readonly<Record<keyof ImageSettings["models"], readonly FileEntry[] | undefined>> = {
    decoder: autoencoder.decoder.files,
    light: light?.files,
    heavy: heavy?.files,
  };
  const parts = (["decoder", "light", "heavy"] as const).filter((part) => {
    const drawnBy = image.models[part];
    return drawnBy && drawnBy.join() !== installed[part]?.map((file) => file.sha256).join();
  });
  // The class counts by its number; a name is what this family calls it.
  const classes = classesOf(family, [light, heavy]);
  const is = classes[image.label] ?? classes[0] ?? image.class;
  const doubts: Doubt[] = [
    ...(parts.length > 0 ? [{ kind: "OtherWeights" as const, parts }] : []),
    ...(is !== image.class ? [{ kind: "OtherClass" as const, was: image.class, is }] : []),
  ];
  return ok({ settings: { ...settingsOfImage(image), className: is }, doubts });
}
