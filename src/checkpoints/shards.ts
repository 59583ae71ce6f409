import { describeJsonError, isJsonObject, type JsonError, parseJson } from "#bytes/json.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import { decodeUtf8 } from "#bytes/utf8.ts";
import type { SafetensorsFile } from "./safetensors.ts";
import type { RawTensor } from "./tensor.ts";

/** Which shard holds which tensor, as `model.safetensors.index.json` says. */
export interface ShardIndex {
  readonly fileOf: ReadonlyMap<string, string>;
  /** The files it names, in the order of their first mention. */
  readonly files: readonly string[];
}

export type ShardError =
  | { kind: "IndexNotText" }
  | { kind: "IndexNotJson"; error: JsonError }
  | { kind: "NoWeightMap" }
  | { kind: "UnsafeShardName"; file: string }
  | { kind: "MissingShard"; file: string }
  | { kind: "UnindexedShard"; file: string }
  | { kind: "MissingFromShard"; tensor: string; file: string }
  | { kind: "UnindexedTensor"; tensor: string; file: string }
  | { kind: "DuplicateTensor"; tensor: string; file: string };

/** Reads a shard index. Total: returns for every byte string, never throws. A name with a slash is refused, so an
 *  index can only name files beside itself. */
export function parseShardIndex(bytes: Uint8Array): Result<ShardIndex, ShardError> {
  const text = decodeUtf8(bytes);
  if (text === null) return fail({ kind: "IndexNotText" });
  const json = parseJson(text);
  if (!json.ok) return fail({ kind: "IndexNotJson", error: json.error });
  const weightMap = isJsonObject(json.value) ? json.value.get("weight_map") : undefined;
  if (!isJsonObject(weightMap)) return fail({ kind: "NoWeightMap" });
  const fileOf = new Map<string, string>();
  for (const [tensor, file] of weightMap) {
    if (typeof file !== "string") return fail({ kind: "NoWeightMap" });
    if (!/^[\w-][\w.-]*$/.test(file)) return fail({ kind: "UnsafeShardName", file });
    fileOf.set(tensor, file);
  }
  return ok({ fileOf, files: [...new Set(fileOf.values())] });
}

/** Joins shards, keyed by file name, into one map of tensors; metadata of an earlier shard wins.
 *  Without an index, names like `x-00001-of-00003.safetensors` say which shards there must be. */
export function mergeShards(
  shards: ReadonlyMap<string, SafetensorsFile>,
  index?: ShardIndex,
): Result<SafetensorsFile, ShardError> {
  for (const file of index?.files ?? numberedSiblings(shards.keys()))
    if (!shards.has(file)) return fail({ kind: "MissingShard", file });
  const tensors = new Map<string, RawTensor>();
  const metadata = new Map<string, string>();
  for (const [file, shard] of shards) {
    if (index && !index.files.includes(file)) return fail({ kind: "UnindexedShard", file });
    for (const [tensor, raw] of shard.tensors) {
      if (tensors.has(tensor)) return fail({ kind: "DuplicateTensor", tensor, file });
      if (index && index.fileOf.get(tensor) !== file) return fail({ kind: "UnindexedTensor", tensor, file });
      tensors.set(tensor, raw);
    }
    for (const [key, value] of shard.metadata) if (!metadata.has(key)) metadata.set(key, value);
  }
  for (const [tensor, file] of index?.fileOf ?? [])
    if (!tensors.has(tensor)) return fail({ kind: "MissingFromShard", tensor, file });
  return ok({ tensors, metadata });
}

/** Every file of the numbered sets that `files` begin. The count has five digits, so it bounds the list. */
function numberedSiblings(files: Iterable<string>): string[] {
  const siblings = new Set<string>();
  for (const file of files) {
    const [, stem, total] = /^(.*)-\d{5}-of-(\d{5})\.safetensors$/.exec(file) ?? [];
    for (let i = 1; i <= Number(total ?? 0); i++)
      siblings.add(`${stem}-${String(i).padStart(5, "0")}-of-${total}.safetensors`);
  }
  return [...siblings];
}

/** One sentence about an error of this file. */
export function describeShardError(error: ShardError): string {
  switch (error.kind) {
    case "IndexNotText":
      return "The shard index is not UTF-8 text.";
    case "IndexNotJson":
      return `The shard index cannot be read: ${describeJsonError(error.error)}.`;
    case "NoWeightMap":
      return "The shard index has no weight_map of file names.";
    case "UnsafeShardName":
      return `The shard index names ${JSON.stringify(error.file)}, which is not a plain file name.`;
    case "MissingShard":
      return `The shard ${error.file} is missing.`;
    case "UnindexedShard":
      return `The shard ${error.file} is not in the index.`;
    case "MissingFromShard":
      return `${error.tensor} should be in ${error.file} and is not.`;
    case "UnindexedTensor":
      return `The index does not expect ${error.tensor} in ${error.file}.`;
    case "DuplicateTensor":
      return `${error.tensor} comes a second time in ${error.file}.`;
  }
}
