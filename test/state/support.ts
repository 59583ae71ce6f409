import { type Manifest, parseManifest } from "#checkpoints/manifest.ts";
import { type Batch, createBatch } from "#state/batch.ts";
import { type EngineView, INITIAL_ENGINE, partKey } from "#state/engine.ts";
import { DEFAULT_SETTINGS, type GenerateSettings, seedsOf } from "#state/settings.ts";
import type { EngineEvent, PartName } from "#workers/protocol.ts";
import json from "../../public/models/manifest.json" with { type: "json" };

const parsed = parseManifest(json);
if (!parsed.ok) throw new Error(parsed.error);
/** The manifest that the page is served. */
export const SHIPPED: Manifest = parsed.value;

/** Settings of a test: the defaults with changes. */
export const settingsWith = (change: Partial<GenerateSettings> = {}): GenerateSettings => ({
  ...DEFAULT_SETTINGS,
  ...change,
});

/** A batch of `micah`, label 4. */
export const batchOf = (
  change: Partial<GenerateSettings> = {},
  { draft = false, origin = "request" as Batch["origin"] } = {},
): Batch => {
  const settings = settingsWith(change);
  return createBatch(
    "b",
    origin,
    settings,
    seedsOf(settings).map(() => ({ label: 4, name: "micah" })),
    draft,
  );
};

/** An engine that is ready, has the shipped manifest and has loaded these parts of the default family. */
export const engineWith = (...parts: readonly PartName[]): EngineView => ({
  ...INITIAL_ENGINE,
  state: { status: "ready" },
  backend: {
    name: "wasm",
    requested: "auto",
    reason: "",
    adapter: null,
    software: false,
    microBatch: 1,
    kernels: "",
  },
  manifest: SHIPPED,
  parts: Object.fromEntries(
    parts.map((part) => [partKey(DEFAULT_SETTINGS.family, part), { status: "loaded" as const }]),
  ),
});

/** A finished picture as the engine sends it: one grey pixel. */
export function imageEvent(
  id: number,
  index: number,
  seed: number,
  model: GenerateSettings["model"] = "c2f",
): EngineEvent {
  const sha256 = "0".repeat(64);
  return {
    type: "image",
    id,
    index,
    seed,
    label: 4,
    width: 1,
    height: 1,
    rgba: new Uint8ClampedArray([seed, seed, seed, 255]).buffer,
    sha256,
    settings: {
      version: 1,
      family: DEFAULT_SETTINGS.family,
      seed,
      label: 4,
      class: "micah",
      model,
      tau: 0.7,
      steps: 60,
      solver: "euler",
      guidance: 1.5,
      models: { decoder: [sha256] },
      sha256,
      nfe: { light: 42, heavy: 17 },
      backend: "wasm",
      app: "steadyflow test",
    },
    nfe: { light: 42, heavy: 17 },
    passes: 118,
    ms: { sample: 100, decode: 10 },
    tensors: 0,
  };
}

export const stepEvent = (
  id: number,
  step: number,
  { first = 0, count = 1, of = 59, served = "light" as "light" | "heavy", stepMs = 10 } = {},
): EngineEvent => ({ type: "step", id, first, count, step, of, t: step / of, served, stepMs });

/** The only family of a manifest. */
export const firstFamily = ({ families: [family] }: Manifest) => {
  if (!family) throw new Error("the manifest has no family");
  return family;
};
