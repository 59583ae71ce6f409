import { crc32 } from "#bytes/crc32.ts";
import {
  type AutoencoderEntry,
  type Family,
  type FileEntry,
  findAutoencoder,
  findModel,
  type ModelEntry,
} from "#checkpoints/manifest.ts";
import { autoencoderOf, decoderPartOf, partOf } from "#checkpoints/parts.ts";
import { createDecoder, createEncoder, decoderSpec, type Encoder, encoderSpec } from "#models/autoencoder.ts";
import type { Decoder } from "#models/decoder.ts";
import { ditSpec } from "#models/ditConfig.ts";
import { createEmbedding, type EmbeddingNetwork } from "#models/featureNetwork.ts";
import { embeddingSpec } from "#models/featureNetworkConfig.ts";
import type { WeightMap } from "#models/weights.ts";
import { checkpointOf, weightsFrom } from "../weightFiles.ts";
import { refuse, TrainerFailure } from "./failure.ts";
import type { Fetching } from "./fetching.ts";

/** A model that can be trained and scored with. */
export type DiTEntry = Extract<ModelEntry, { architecture: "dit" }>;

/** The family's DiT of that role or name. Throws TrainerFailure ModelMissing, NotTrainable. */
export function ditEntry(family: Family, model: string): DiTEntry {
  const entry = findModel(family, model);
  if (!entry)
    throw new TrainerFailure({ kind: "ModelMissing", model, known: family.models.map(({ name }) => name) });
  if (entry.architecture !== "dit")
    throw new TrainerFailure({ kind: "NotTrainable", model, architecture: entry.architecture });
  return entry;
}

/** The autoencoder in whose latents a model draws. Throws InvalidJob. */
export const autoencoderOfModel = (
  family: Family,
  { name, autoencoder }: Pick<ModelEntry, "name" | "autoencoder">,
) =>
  findAutoencoder(family, autoencoder) ??
  refuse("model", `${name} draws in the latents of ${autoencoder}, which ${family.name} does not have.`);

/** Tells files apart in the key of what depends on them, in a few characters whatever their number. */
export function filesKey(files: readonly Pick<FileEntry, "sha256">[]): string {
  const all = new TextEncoder().encode(files.map(({ sha256 }) => sha256).join());
  return `${files[0].sha256.slice(0, 16)}${crc32(all).toString(16).padStart(8, "0")}`;
}

/** sha256 of a part's files, in shard order. */
export const hashesOf = ({ files }: Pick<ModelEntry, "files">): string[] => files.map(({ sha256 }) => sha256);

/** A DiT's weights on the host. Throws as FetchFiles, and EngineFailure BadCheckpoint. */
export async function ditWeights(entry: DiTEntry, { fetch }: Fetching): Promise<WeightMap> {
  const bytes = await fetch(partOf(entry), entry.files);
  return weightsFrom(checkpointOf(entry.files, bytes), ditSpec(entry.config));
}

/** An encoder on the device; the caller disposes it. Throws as `ditWeights` does. */
export async function loadEncoder(
  { config, encoder }: AutoencoderEntry,
  { fetch }: Fetching,
): Promise<Encoder> {
  const bytes = await fetch("encoder", encoder.files);
  return createEncoder(config, weightsFrom(checkpointOf(encoder.files, bytes), encoderSpec(config)));
}

/** The decoder of a model's latents on the device; the caller disposes it. Throws as `ditWeights` does. */
export async function loadDecoder(
  family: Family,
  autoencoder: string | undefined,
  { fetch }: Fetching,
): Promise<Decoder> {
  const part = decoderPartOf(autoencoder);
  const { config, decoder } =
    autoencoderOf(family, part) ?? refuse("model", `There is no autoencoder ${autoencoder}.`);
  const bytes = await fetch(part, decoder.files);
  return createDecoder(config, weightsFrom(checkpointOf(decoder.files, bytes), decoderSpec(config)));
}

/** The family's embedding network on the device, which the caller disposes; null where the family has none. */
export async function loadEmbedding(family: Family, { fetch }: Fetching): Promise<EmbeddingNetwork | null> {
  const entry = family.features?.embedding;
  if (!entry) return null;
  const bytes = await fetch("embedding", entry.files);
  const spec = embeddingSpec(entry.config);
  return createEmbedding(entry.config, weightsFrom(checkpointOf(entry.files, bytes), spec));
}
