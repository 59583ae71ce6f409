import type { Family, FileEntry, Manifest } from "#checkpoints/manifest.ts";
import { filesOf, findModel } from "#checkpoints/manifest.ts";
import {
  describeSafetensorsError,
  parseSafetensors,
  type SafetensorsFile,
} from "#checkpoints/safetensors.ts";
import { describeShardError, mergeShards } from "#checkpoints/shards.ts";
import { checkWeights, describeWeightsError } from "#checkpoints/weights.ts";
import { createDecoder, type Decoder, decoderSpec } from "#models/autoencoder.ts";
import { createDiT, type DiT, ditSpec } from "#models/dit.ts";
import type { WeightMap, WeightSpec } from "#models/weights.ts";
import { EngineFailure } from "./errors.ts";
import type { PartName } from "./protocol.ts";

/** The parts of one family that are on the device. */
export interface Residents {
  decoder?: Decoder;
  light?: DiT;
  heavy?: DiT;
}

/** Bytes of manifest entries, hash-checked. Throws EngineFailure DownloadFailed | HashMismatch and AbortError. */
export type FetchFiles = (
  files: readonly FileEntry[],
  onProgress: (loadedBytes: number, totalBytes: number, fromCache: boolean) => void,
  signal: AbortSignal,
) => Promise<Uint8Array[]>;

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
  const files = filesOf(family, part);
  if (!files) throw new EngineFailure({ kind: "NotLoaded", part });
  const shards = await fetchFiles(files, onProgress, signal);
  if (part === "decoder") {
    const { config } = family.autoencoder;
    return { decoder: createDecoder(config, weightsFrom(files, shards, decoderSpec(config))) };
  }
  const model = findModel(family, part);
  if (!model) throw new EngineFailure({ kind: "NotLoaded", part });
  const dit = createDiT(model.config, weightsFrom(files, shards, ditSpec(model.config)));
  return part === "light" ? { light: dit } : { heavy: dit };
}

function weightsFrom(
  files: readonly FileEntry[],
  shards: readonly Uint8Array[],
  spec: WeightSpec,
): WeightMap {
  const refuse = (file: string, detail: string) => new EngineFailure({ kind: "BadCheckpoint", file, detail });
  const parsed = new Map<string, SafetensorsFile>();
  for (const [i, { file }] of files.entries()) {
    const result = parseSafetensors(shards[i]);
    if (!result.ok) throw refuse(file, describeSafetensorsError(result.error));
    parsed.set(file, result.value);
  }
  const merged = mergeShards(parsed);
  if (!merged.ok) throw refuse(files[0].file, describeShardError(merged.error));
  const checked = checkWeights(merged.value.tensors, spec);
  if (!checked.ok) throw refuse(files[0].file, describeWeightsError(checked.error));
  return checked.value.weights;
}

export function disposeResidents(residents: Residents): void {
  residents.decoder?.dispose();
  residents.light?.dispose();
  residents.heavy?.dispose();
}
