import type { FileEntry } from "#checkpoints/manifest.ts";
import {
  describeSafetensorsError,
  parseSafetensors,
  type SafetensorsFile,
} from "#checkpoints/safetensors.ts";
import { describeShardError, mergeShards } from "#checkpoints/shards.ts";
import type { TensorMap } from "#checkpoints/tensor.ts";
import { checkWeights, describeWeightsError } from "#checkpoints/weights.ts";
import type { WeightMap, WeightSpec } from "#models/weights.ts";
import { EngineFailure } from "./errors.ts";

/** Bytes of manifest entries, hash-checked. `onFile` sees each of them as soon as it is checked, in order, while the next is on
 *  its way, where files come one after the other. Throws EngineFailure DownloadFailed | HashMismatch and AbortError, and what
 *  `onFile` throws. */
export type FetchFiles = (
  files: readonly FileEntry[],
  onProgress: (loadedBytes: number, totalBytes: number, fromCache: boolean) => void,
  signal: AbortSignal,
  onFile?: (bytes: Uint8Array) => void,
) => Promise<Uint8Array[]>;

/** The tensors of a part's files. */
export interface Checkpoint {
  /** Named in what is said of it. */
  readonly file: string;
  readonly tensors: TensorMap;
}

/** Tensors of files that are shards of one checkpoint. Throws EngineFailure BadCheckpoint. */
export function checkpointOf(files: readonly FileEntry[], shards: readonly Uint8Array[]): Checkpoint {
  const parsed = new Map<string, SafetensorsFile>();
  for (const [i, { file }] of files.entries()) {
    const result = parseSafetensors(shards[i]);
    if (!result.ok) throw refusal(file, describeSafetensorsError(result.error));
    parsed.set(file, result.value);
  }
  const merged = mergeShards(parsed);
  if (!merged.ok) throw refusal(files[0].file, describeShardError(merged.error));
  return { file: files[0].file, tensors: merged.value.tensors };
}

/** The weights that a spec asks for. Throws EngineFailure BadCheckpoint. */
export function weightsFrom({ file, tensors }: Checkpoint, spec: WeightSpec): WeightMap {
  const checked = checkWeights(tensors, spec);
  if (!checked.ok) throw refusal(file, describeWeightsError(checked.error));
  return checked.value.weights;
}

const refusal = (file: string, detail: string) => new EngineFailure({ kind: "BadCheckpoint", file, detail });
