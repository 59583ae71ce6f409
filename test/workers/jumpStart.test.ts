import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import type { FileEntry, Manifest } from "#checkpoints/manifest.ts";
import { parseSafetensors, type SafetensorsFile } from "#checkpoints/safetensors.ts";
import { createEngine } from "#workers/engine.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { fileManifest, filesBeside } from "../../cli/fileSource.ts";
import { nodeBackends } from "../../cli/nodeBackends.ts";

/** Weights of avatars-64's first hours, and images of an independent implementation (PyTorch) on them, end to end: noise, sampler,
 *  guidance, decoder. They lie beside the project where it is developed. */
const JUMP_START = new URL("../../../shared/jumpstart/", import.meta.url);
const MANIFEST = new URL("../../public/models/manifest.json", import.meta.url).href;
const missing = existsSync(JUMP_START) ? null : "there is no ../shared/jumpstart beside the project";

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
  if (missing) return;
  reference = JSON.parse(await readFile(new URL("reference.json", JUMP_START), "utf8"));
  const parsed = parseSafetensors(await readFile(new URL("reference.safetensors", JUMP_START)));
  if (!parsed.ok) throw new Error(parsed.error.kind);
  tensors = parsed.value.tensors;
});

/** RGB bytes of image k as [H,W,3], from the reference's [B,3,H,W]. */
function expectedRgb(choice: "light" | "c2f" | "heavy", k: number): Uint8Array {
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

/** A file of the jump-start under the name that it has from the manifest. */
async function entryOf(name: string): Promise<FileEntry> {
  const bytes = await readFile(new URL(`${name}.safetensors`, JUMP_START));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { file: new URL(`${name}.safetensors`, JUMP_START).href, bytes: bytes.length, sha256 };
}

/** The shipped family, whose networks have the same configs, on the jump-start's weights. */
async function jumpStart(): Promise<Manifest> {
  const shipped = await fileManifest(MANIFEST);
  const [family] = shipped.families;
  const files = {
    decoder: [await entryOf("autoencoder-decoder")],
    light: [await entryOf("light")],
    heavy: [await entryOf("heavy")],
  };
  const models = family.models.filter(({ role }) => role !== "variant");
  return {
    ...shipped,
    families: [
      {
        ...family,
        autoencoder: { ...family.autoencoder, decoder: { files: files.decoder } },
        models: models.map((model) => ({
          ...model,
          files: model.role === "light" ? files.light : files.heavy,
        })),
      },
    ],
  };
}

const name =
  "images of the jump-start's weights equal the independent implementation's within 2 levels of 255";
test.skipIf(missing).each(["light", "c2f", "heavy"] as const)(
  missing ? `%s ${name} (skipped: ${missing})` : `%s ${name}`,
  async (model) => {
    const events: EngineEvent[] = [];
    const engine = createEngine({
      backends: nodeBackends,
      fetchManifest: jumpStart,
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
