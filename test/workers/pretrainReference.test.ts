import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import { type Family, findFamily, type Manifest } from "#checkpoints/manifest.ts";
import { type ChosenModels, chooseModels, latentOf, partsFor } from "#checkpoints/modelChoice.ts";
import { partOf } from "#checkpoints/parts.ts";
import { parseSafetensors, type SafetensorsFile } from "#checkpoints/safetensors.ts";
import { uniformGrid } from "#flow/grid.ts";
import { initialNoise } from "#flow/noise.ts";
import { sample } from "#flow/sampler.ts";
import { type DecodedPng, decodePng } from "#images/pngPixels.ts";
import { createEngine } from "#workers/engine.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { disposeResidents, loadPart, type Residents } from "#workers/residents.ts";
import { fileManifest, filesBeside } from "../../cli/fileSource.ts";
import { nodeBackends } from "../../cli/nodeBackends.ts";

/** Pictures that PyTorch drew from the shipped files, a set a family; `python3 -m pretrain reference` writes them. */
const FOLDER = new URL("../fixtures/pretrain/", import.meta.url);
const MANIFEST = new URL("../../public/models/manifest.json", import.meta.url).href;

interface Case {
  readonly model: string;
  readonly seeds: readonly number[];
  readonly labels: readonly number[];
  readonly tau: number;
  readonly steps: number;
  readonly guidance: number;
  /** Few enough evaluations for plain JavaScript. */
  readonly quick: boolean;
  /** Of the picture's pixels in the PNG, whose columns are the seeds. */
  readonly row: number;
  /** Of the final latents [B,C,H,W]. */
  readonly tensor: string;
  /** sha256 of the files it was drawn with, by place. */
  readonly weights: Readonly<Record<string, readonly string[]>>;
}
interface Reference {
  readonly family: string;
  readonly image_size: number;
  /** Levels of 255, and how far a latent may be: both sides compute in f32, in another order. */
  readonly tolerance: { readonly pixels: number; readonly latents: number };
  readonly cases: readonly Case[];
}

const sets = readdirSync(FOLDER)
  .filter((name) => /^reference-.*\.json$/.test(name))
  .map((name): Reference => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")));
let manifest: Manifest;
beforeAll(async () => {
  manifest = await fileManifest(MANIFEST);
});

test("there is a set for every family", () =>
  expect(sets.map((set) => set.family).toSorted()).toEqual(manifest.families.map((one) => one.name)));

describe.each(sets)("$family", ({ family: name, image_size: size, tolerance, cases }) => {
  let family: Family;
  let sheet: DecodedPng;
  let latents: SafetensorsFile["tensors"];
  beforeAll(() => {
    const found = findFamily(manifest, name);
    const png = decodePng(readFileSync(new URL(`reference-${name}.png`, FOLDER)));
    const parsed = parseSafetensors(readFileSync(new URL(`reference-${name}.safetensors`, FOLDER)));
    if (!found || !png.ok || !parsed.ok) throw new Error(`the reference of ${name} cannot be read`);
    [family, sheet, latents] = [found, png.value, parsed.value.tensors];
  });

  function chosen(model: string): ChosenModels {
    const result = chooseModels(family, model);
    if (!result.ok) throw new Error(result.error);
    return result.value;
  }

  test.each(cases)(
    "$model, $steps points, was drawn with the weights that are shipped",
    ({ model, weights }) => {
      const { light, heavy, autoencoder } = chosen(model);
      const shipped = {
        decoder: autoencoder.decoder,
        ...(light && heavy ? { light, heavy } : { alone: light ?? heavy }),
      };
      const hashes = Object.entries(shipped).map(([place, part]) => [
        place,
        part?.files.map((file) => file.sha256),
      ]);
      expect(Object.fromEntries(hashes), "run python3 -m pretrain reference").toEqual(weights);
    },
  );

  describe.each(["wasm", "cpu"] as const)("on %s", (backend) => {
    test.each(cases.filter((one) => backend === "wasm" || one.quick))(
      "$model, $steps points, seeds $seeds: the engine's pixels equal PyTorch's within 2 levels of 255",
      async ({ row, ...how }) => {
        const events: EngineEvent[] = [];
        const engine = createEngine({
          backends: nodeBackends,
          fetchManifest: async () => manifest,
          fetchFiles: filesBeside,
          post: (event) => events.push(event),
          now: () => performance.now(),
          app: "steadyflow test",
        });
        const images = how.seeds.map((seed, k) => ({ seed, label: how.labels[k] }));
        const { model, tau, steps, guidance } = how;
        const settings = { family: name, model, tau, steps, guidance, solver: "euler" as const };
        const parts = partsFor(chosen(model), settings);
        engine.handle({ type: "start", backend, manifestUrl: MANIFEST, faults: false });
        engine.handle({ type: "load", id: 1, family: name, parts });
        engine.handle({
          type: "generate",
          id: 2,
          job: { ...settings, images, previews: false, batch: null },
        });
        await engine.idle();
        const made = events.filter((event) => event.type === "image");
        expect(events.filter((event) => event.type === "failed")).toEqual([]);
        expect(made.length).toBe(images.length);
        made.forEach((image, column) => {
          const rgba = new Uint8Array(image.rgba);
          let worst = 0;
          for (let y = 0; y < size; y++)
            for (let x = 0; x < size; x++)
              for (let c = 0; c < 3; c++) {
                const want = sheet.rgba[((row * size + y) * sheet.width + column * size + x) * 4 + c];
                worst = Math.max(worst, Math.abs(rgba[(y * size + x) * 4 + c] - want));
              }
          expect(worst, `seed ${image.seed}`).toBeLessThanOrEqual(tolerance.pixels);
        });
      },
      180_000,
    );
  });

  describe("the sampler", () => {
    const residents: Residents = {};
    beforeAll(() => nodeBackends.open("wasm"));
    afterAll(() => disposeResidents(residents));

    test.each(cases.filter((one) => one.quick))(
      "ends $model, $steps points, in PyTorch's latents",
      async ({ model, seeds, labels, tau, steps, guidance, tensor }) => {
        const { light, heavy, choice, autoencoder } = chosen(model);
        for (const one of [light, heavy])
          if (one && !residents[partOf(one)])
            Object.assign(
              residents,
              await loadPart(
                family,
                partOf(one),
                filesBeside(MANIFEST),
                () => {},
                AbortSignal.timeout(60_000),
              ),
            );
        const shape = latentOf(autoencoder);
        const x0 = initialNoise(seeds, shape);
        const { x1 } = await sample(x0, {
          models: {
            light: light ? residents[partOf(light)] : undefined,
            heavy: heavy ? residents[partOf(heavy)] : undefined,
          },
          ...{ choice, tau, labels, guidance },
          grid: uniformGrid(steps),
          solver: "euler",
        });
        const raw = latents.get(tensor);
        if (!raw) throw new Error(`the reference has no ${tensor}`);
        const want = toFloat32(raw);
        const got = await x1.data();
        x0.dispose();
        x1.dispose();
        const { channels, height, width } = shape;
        const pixels = height * width;
        const worst = want.reduce((largest, value, i) => {
          const [image, inside] = [Math.floor(i / (channels * pixels)), i % (channels * pixels)];
          const [c, pixel] = [Math.floor(inside / pixels), inside % pixels];
          return Math.max(largest, Math.abs(value - got[(image * pixels + pixel) * channels + c]));
        }, 0);
        expect(worst).toBeLessThanOrEqual(tolerance.latents);
      },
    );
  });
});
