import type { Family, FileEntry, Manifest, ModelEntry } from "#checkpoints/manifest.ts";
import { autoencoderOf, isDecoderPart, modelOf } from "#checkpoints/parts.ts";
import type { VelocityModel } from "#flow/field.ts";
import { createDecoder, decoderSpec } from "#models/autoencoder.ts";
import type { Decoder } from "#models/decoder.ts";
import { beginDiT, createDiT } from "#models/dit.ts";
import { ditSpec } from "#models/ditConfig.ts";
import {
  type ClassifierNetwork,
  createClassifier,
  createEmbedding,
  type EmbeddingNetwork,
} from "#models/featureNetwork.ts";
import { classifierSpec, embeddingSpec } from "#models/featureNetworkConfig.ts";
import { createUNet } from "#models/unet.ts";
import { unetSpec, variantOf } from "#models/unetConfig.ts";
import { arrivingWeights } from "./arrivingWeights.ts";
import { EngineFailure } from "./errors.ts";
import type { PartName } from "./protocol.ts";
import { type Checkpoint, checkpointOf, type FetchFiles, weightsFrom } from "./weightFiles.ts";

/** A velocity model on the device, of whatever architecture. */
export interface VelocityNetwork extends VelocityModel {
  dispose(): void;
}

/** The parts of one family that are on the device. */
export interface Residents {
  decoder?: Decoder;
  light?: VelocityNetwork;
  heavy?: VelocityNetwork;
  embedding?: EmbeddingNetwork;
  classifier?: ClassifierNetwork;
  [further: `decoder:${string}`]: Decoder | undefined;
  [variant: `model:${string}`]: VelocityNetwork | undefined;
}

/** The family of that name. Throws EngineFailure UnknownFamily. */
export function familyOf(manifest: Manifest, name: string): Family {
  const family = manifest.families.find((f) => f.name === name);
  if (!family)
    throw new EngineFailure({
      kind: "UnknownFamily",
      family: name,
      known: manifest.families.map((f) => f.name),
    });
  return family;
}

/** Downloads one part, checks every name and shape and puts it on the device; nothing is kept of a part that fails.
 *  Throws EngineFailure: UnknownFamily (no such part) | DownloadFailed | HashMismatch | BadCheckpoint. */
export async function loadPart(
  family: Family,
  part: PartName,
  fetchFiles: FetchFiles,
  onProgress: (loadedBytes: number, totalBytes: number, fromCache: boolean) => void,
  signal: AbortSignal,
): Promise<Residents> {
  const tensorsOf = async (files: readonly FileEntry[]): Promise<Checkpoint> =>
    checkpointOf(files, await fetchFiles(files, onProgress, signal));
  const missing = () => new EngineFailure({ kind: "NotLoaded", part });
  const residents: Residents = {};
  if (isDecoderPart(part)) {
    const autoencoder = autoencoderOf(family, part);
    if (!autoencoder) throw missing();
    const { config, decoder } = autoencoder;
    residents[part] = createDecoder(config, weightsFrom(await tensorsOf(decoder.files), decoderSpec(config)));
  } else if (part === "embedding") {
    const entry = family.features?.embedding;
    if (!entry) throw missing();
    const weights = weightsFrom(await tensorsOf(entry.files), embeddingSpec(entry.config));
    residents.embedding = createEmbedding(entry.config, weights);
  } else if (part === "classifier") {
    const entry = family.features?.classifier;
    if (!entry) throw missing();
    const weights = weightsFrom(await tensorsOf(entry.files), classifierSpec(entry.config));
    residents.classifier = createClassifier(entry.config, weights);
  } else {
    const model = modelOf(family, part);
    if (!model) throw missing();
    const filesOf: FilesOf = (files, onFile) => fetchFiles(files, onProgress, signal, onFile);
    residents[part] =
      model.architecture === "dit" ? await loadDiT(model, filesOf) : await loadUNet(model, filesOf);
  }
  return residents;
}

type FilesOf = (files: readonly FileEntry[], onFile?: (bytes: Uint8Array) => void) => Promise<Uint8Array[]>;

/** On our own kernels its weights are put in their places file by file. */
async function loadDiT({ config, files }: DiTEntry, filesOf: FilesOf): Promise<VelocityNetwork> {
  const spec = ditSpec(config);
  const network = beginDiT(config);
  if (!network) return createDiT(config, weightsFrom(checkpointOf(files, await filesOf(files)), spec));
  const arriving = arrivingWeights(spec, network);
  try {
    const checkpoint = checkpointOf(files, await filesOf(files, arriving.file));
    if (network.alive()) return arriving.finish(checkpoint);
    network.abandon();
    return createDiT(config, weightsFrom(checkpoint, spec)); // on the device that there is now
  } catch (error) {
    network.abandon();
    throw error;
  }
}

/** Its last label row stands for "no label". */
async function loadUNet({ config, files }: UNetEntry, filesOf: FilesOf): Promise<VelocityNetwork> {
  const checkpoint = checkpointOf(files, await filesOf(files));
  const spec = unetSpec(config, variantOf(config, checkpoint.tensors));
  return createUNet(config, weightsFrom(checkpoint, spec), config.num_classes - 1);
}

type DiTEntry = Extract<ModelEntry, { architecture: "dit" }>;
type UNetEntry = Extract<ModelEntry, { architecture: "unet" }>;

export function disposeResidents(residents: Residents): void {
  for (const network of Object.values(residents)) network?.dispose();
}
