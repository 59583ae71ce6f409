import * as v from "valibot";
import { fail, ok, type Result } from "#bytes/result.ts";
import { KIND_NAMES, sniffKind } from "./kind.ts";
import { readPngText } from "./png.ts";
import { describePngError } from "./pngChunks.ts";

/** Key of the iTXt chunk that carries the settings of an image. */
export const SETTINGS_KEY = "steadyflow";
/** Raised when an older page could no longer make the same image from what it reads. */
export const SETTINGS_VERSION = 1;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const share = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "not a sha256 in hex"));
/** One a file of the part, in shard order. */
const hashes = v.pipe(v.array(sha256), v.minLength(1));

/** Everything that is needed to make an image again and to tell whether it came out the same. */
const schema = v.object({
  version: v.literal(SETTINGS_VERSION),
  family: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  /** Integer 0 … 2⁵³−1. */
  seed: whole,
  label: whole,
  /** Name of the class `label`. */
  class: v.pipe(v.string(), v.maxLength(100)),
  /** As checkpoints/modelText.ts reads it. */
  model: v.pipe(v.string(), v.regex(/^[\w.-]{1,64}(:[\w.-]{1,64}){0,2}$/, "not a model")),
  /** Switch time; counts where two models take turns. */
  tau: share,
  /** Points of the time grid. */
  steps: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(1000)),
  solver: v.picklist(["euler", "midpoint", "heun", "rk4", "ab2"]),
  guidance: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(20)),
  /** sha256 of the weight files that made it, whichever models took the light and the heavy one's place. */
  models: v.object({ decoder: hashes, light: v.optional(hashes), heavy: v.optional(hashes) }),
  /** Of the RGB bytes, row by row. */
  sha256,
  nfe: v.object({ light: whole, heavy: whole }),
  backend: v.picklist(["webgpu", "wasm", "cpu"]),
  /** Name and version of the program that wrote it. */
  app: v.pipe(v.string(), v.maxLength(100)),
});
export type ImageSettings = v.InferOutput<typeof schema>;

/** `message` is a plain sentence for the person who dropped the file. */
export type SettingsError =
  | { kind: "NotPng"; message: string }
  | { kind: "PngDamaged"; message: string }
  | { kind: "NoSettings"; message: string }
  | { kind: "NewerVersion"; message: string; version: number }
  | { kind: "SettingsDamaged"; message: string };

/** The text to store under SETTINGS_KEY. */
export const settingsToPngText = (settings: ImageSettings): string => JSON.stringify(settings);

/** The settings that a PNG of ours carries. Total: returns for every byte string, never throws. */
export function settingsFromPng(bytes: Uint8Array): Result<ImageSettings, SettingsError> {
  const kind = sniffKind(bytes);
  if (kind !== "png")
    return fail({ kind: "NotPng", message: `This is ${KIND_NAMES[kind]}, not a PNG made here.` });
  const png = readPngText(bytes);
  if (!png.ok) return fail({ kind: "PngDamaged", message: describePngError(png.error) });
  const text = png.value.text.get(SETTINGS_KEY);
  if (text === undefined)
    return fail({
      kind: "NoSettings",
      message:
        "This PNG carries no steadyflow settings: it was not made here, or a program that saved it again dropped them.",
    });
  return settingsFromText(text);
}

/** The same for the text alone. */
export function settingsFromText(text: string): Result<ImageSettings, SettingsError> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail({
      kind: "SettingsDamaged",
      message: "The settings in this PNG are damaged: they are not JSON.",
    });
  }
  const version = v.safeParse(v.object({ version: whole }), value);
  if (version.success && version.output.version > SETTINGS_VERSION)
    return fail({
      kind: "NewerVersion",
      message: `This PNG was made by a newer steadyflow (settings version ${version.output.version}; this one reads ${SETTINGS_VERSION}).`,
      version: version.output.version,
    });
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return ok(parsed.output);
  const places = parsed.issues
    .slice(0, 3)
    .map((issue) => `${v.getDotPath(issue) ?? "all"}: ${issue.message}`);
  return fail({
    kind: "SettingsDamaged",
    message: `The settings in this PNG are damaged: ${places.join("; ")}.`,
  });
}
