import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fail, type Result } from "#bytes/result.ts";
import { type Manifest, type ModelEntry, parseManifest } from "#checkpoints/manifest.ts";
import { parseSafetensors, writeSafetensors } from "#checkpoints/safetensors.ts";
import type { TensorMap } from "#checkpoints/tensor.ts";
import { checkWeights } from "#checkpoints/weights.ts";
import type { Answers, Draft } from "#library/draft.ts";
import { type FineTuned, fineTunedModel } from "#library/fineTuned.ts";
import type { ImportError } from "#library/importError.ts";
import { type Inspected, inspect, type Surroundings } from "#library/inspect.ts";
import { specOf } from "#library/networkShapes.ts";
import { type BroughtFile, readModel } from "#library/readModel.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { WeightMap } from "#models/weights.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";

const GOLDEN = join(import.meta.dirname, "../fixtures/golden");

/** A file of the golden vectors. */
export const golden = async (name: string): Promise<BroughtFile> => ({
  name,
  bytes: new Uint8Array(await readFile(join(GOLDEN, name))),
});

/** The tiny family with one class alone, as the network of the golden containers has. */
export async function oneClass(): Promise<Manifest> {
  const { manifest } = await tinyFamily();
  const [family] = manifest.families;
  const { features: _, autoencoders: __, ...rest } = family;
  const only = { ...rest, classes: family.classes.slice(0, 1), models: [withOneClass(family.models[0])] };
  const parsed = parseManifest({ ...manifest, families: [only] });
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const withOneClass = (model: ModelEntry): ModelEntry =>
  model.architecture === "dit" ? { ...model, config: { ...model.config, num_classes: 1 } } : model;

const NO_BASE: Surroundings["baseTensors"] = async () => fail("There is none here.");

/** Reads and inspects in one go. */
export async function readAndInspect(
  files: readonly BroughtFile[],
  manifest: Manifest,
  baseTensors = NO_BASE,
): Promise<Result<Inspected, ImportError>> {
  const read = readModel(files);
  return read.ok ? inspect(read.value, { manifest, baseTensors }) : read;
}

/** The value of a result. Throws with the error's kind and words. */
export function expectOk<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The tensors of a safetensors file. */
export const tensorsIn = (bytes: Uint8Array): TensorMap => expectOk(parseSafetensors(bytes)).tensors;

/** A file of these tensors. */
export const safetensors = (name: string, tensors: TensorMap): BroughtFile => ({
  name,
  bytes: writeSafetensors(tensors),
});

/** Answers that keep a draft as it proposes. */
export const usualAnswers = ({ said, fits }: Draft, change: Partial<Answers> = {}): Answers => ({
  name: said.name,
  fit: fits[0],
  classes: said.classes,
  licence: said.licence,
  known: {},
  ...change,
});

/** The weights of a shipped model of the tiny family, on the host. */
export async function tinyWeights(name: string): Promise<{ entry: ModelEntry; weights: WeightMap }> {
  const { manifest, files } = await tinyFamily();
  const entry = manifest.families[0].models.find((model) => model.name === name);
  if (!entry) throw new Error(`no model ${name}`);
  const tensors = tensorsIn(files.get(entry.files[0].file) ?? new Uint8Array());
  return { entry, weights: expectOk(checkWeights(tensors, specOf(entry, tensors))).weights };
}

/** A model as a training run would hand it over: the tiny light one, with every bias a little larger. */
export async function tunedTiny(
  change: Partial<Omit<FineTuned, "architecture" | "config">> & { readonly config?: DiTConfig } = {},
) {
  const { entry, weights } = await tinyWeights("light");
  if (entry.architecture !== "dit") throw new Error("the light model is a DiT");
  const nudged: WeightMap = new Map(
    [...weights].map(([name, weight]) => [
      name,
      name.endsWith(".bias") ? { ...weight, values: weight.values.map((value) => value + 0.125) } : weight,
    ]),
  );
  return fineTunedModel({
    architecture: "dit",
    config: entry.config,
    name: "Fruits, light",
    family: "tiny",
    autoencoder: null,
    classes: [],
    base: { name: "light", sha256: entry.files.map(({ sha256 }) => sha256) },
    recipe: {
      data: "12 pictures of fruits, from light",
      steps: 200,
      samples_seen: 3200,
      minutes: 1.5,
      device: "a test",
      loss: 0.75,
      seed: 7,
      notes: "",
    },
    licence: "CC0",
    metrics: [{ name: "held-out loss", value: 0.8 }],
    createdAt: 1_700_000_000_000,
    weights: nudged,
    lora: null,
    ...change,
  });
}
