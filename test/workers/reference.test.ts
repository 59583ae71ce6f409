import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import { parseSafetensors, type SafetensorsFile } from "#checkpoints/safetensors.ts";
import { createEngine } from "#workers/engine.ts";
import type { EngineEvent, ModelChoice } from "#workers/protocol.ts";
import { fileManifest, filesBeside } from "../../cli/fileSource.ts";
import { nodeBackends } from "../../cli/nodeBackends.ts";

/** Images of an independent implementation (PyTorch) on the shipped weights of avatars-64, end to end: noise, sampler,
 *  guidance, decoder. */
const REFERENCE = {
  settings: new URL("../fixtures/reference.json", import.meta.url),
  tensors: new URL("../fixtures/reference.safetensors", import.meta.url),
};
const MANIFEST = new URL("../../public/models/manifest.json", import.meta.url).href;

interface Reference {
  readonly seeds: readonly number[];
  readonly classes: readonly number[];
  readonly tau: number;
  readonly guidance: number;
  readonly steps: number;
  readonly tolerance: { readonly rgb_max_difference: number };
}
let reference: Reference;
let tensors: SafetensorsFile["tensors"];

beforeAll(async () => {
  reference = JSON.parse(await readFile(REFERENCE.settings, "utf8"));
  const parsed = parseSafetensors(await readFile(REFERENCE.tensors));
  if (!parsed.ok) throw new Error(parsed.error.kind);
  tensors = parsed.value.tensors;
});

/** RGB bytes of image k as [H,W,3], from the reference's [B,3,H,W]. */
function expectedRgb(choice: ModelChoice, k: number): Uint8Array {
  const tensor = tensors.get(`out.rgb_${choice}`);
  if (!tensor) throw new Error(`the reference has no out.rgb_${choice}`);
  const [, channels, height, width] = tensor.shape;
  const values = toFloat32(tensor);
  const pixels = height * width;
  return Uint8Array.from({ length: pixels * channels }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / channels), i % channels];
    return values[(k * channels + channel) * pixels + pixel];
  });
}

test.skipIf(!existsSync(new URL(MANIFEST))).each(["light", "c2f", "heavy"] as const)(
  "%s images of the shipped weights equal the independent implementation's within 2 levels of 255",
  async (model) => {
    const events: EngineEvent[] = [];
    const engine = createEngine({
      backends: nodeBackends,
      fetchManifest: fileManifest,
      fetchFiles: filesBeside,
      post: (event) => events.push(event),
      now: () => performance.now(),
      app: "steadyflow test",
    });
    const { seeds, classes, tau, guidance, steps } = reference;
    const images = seeds.map((seed, i) => ({ seed, label: classes[i] }));
    const how = { family: "avatars-64", model, tau, guidance, steps, solver: "euler" as const };
    engine.handle({ type: "start", backend: "wasm", manifestUrl: MANIFEST, faults: false });
    engine.handle({ type: "load", id: 1, family: "avatars-64", parts: ["decoder", "light", "heavy"] });
    engine.handle({ type: "generate", id: 2, job: { ...how, images, previews: false, batch: null } });
    await engine.idle();
    const made = events.filter((event) => event.type === "image");
    expect(made.length).toBe(seeds.length);
    made.forEach((image, k) => {
      const rgba = new Uint8Array(image.rgba);
      const rgb = rgba.filter((_, i) => i % 4 !== 3);
      const want = expectedRgb(model, k);
      const worst = rgb.reduce((largest, value, i) => Math.max(largest, Math.abs(value - want[i])), 0);
      expect(worst, `seed ${image.seed}`).toBeLessThanOrEqual(reference.tolerance.rgb_max_difference);
    });
  },
  180_000,
);
