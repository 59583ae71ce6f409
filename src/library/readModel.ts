import { isJsonObject, type Json, parseJson } from "#bytes/json.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import { decodeUtf8 } from "#bytes/utf8.ts";
import { describeZipError } from "#bytes/zipRecords.ts";
import {
  describeSafetensorsError,
  parseSafetensors,
  type SafetensorsFile,
} from "#checkpoints/safetensors.ts";
import { describeShardError, mergeShards, parseShardIndex, type ShardIndex } from "#checkpoints/shards.ts";
import type { RawTensor, TensorMap } from "#checkpoints/tensor.ts";
import { describeTorchError, parseTorch, type TorchSource } from "#checkpoints/torch.ts";
import { readZip, readZipEntry } from "#checkpoints/zip.ts";
import { type Description, hintsOf, parseDescription } from "./description.ts";
import type { ImportError } from "./importError.ts";
import type { Hints } from "./networkShapes.ts";
import { METADATA_KEY } from "./weightsFile.ts";

/** A file that the reader brought. */
export interface BroughtFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Tensors of one model with what was said of them. */
export interface ReadModel {
  /** The files that were read, by name. */
  readonly files: readonly string[];
  /** Which part of a PyTorch checkpoint was taken; null for safetensors. */
  readonly source: TorchSource | null;
  readonly tensors: TensorMap;
  readonly description: Description | null;
  readonly hints: Hints;
}

/** Reads one model out of files in any order: one .safetensors or its numbered shards with or without their index, or one
 *  PyTorch checkpoint (its averaged weights first), a config.json beside either, or a zip of these. What else is among them
 *  is not looked at. Total. */
export function readModel(brought: readonly BroughtFile[]): Result<ReadModel, ImportError> {
  const unpacked = unpack(brought);
  if (!unpacked.ok) return unpacked;
  const { torch, safetensors, json } = sorted(unpacked.value);
  const models = [...torch, ...safetensors];
  const [first] = models;
  if (!first) return fail({ kind: "NothingToRead", files: brought.map(({ name }) => name) });
  const beside = readBeside(json);
  if (!beside.ok) return beside;
  const { index, config } = beside.value;
  const whole = models.length === 1 || (torch.length === 0 && (index || areShards(safetensors)));
  if (!whole) return fail({ kind: "SeveralModels", files: models.map(({ name }) => name) });
  const read = torch.length > 0 ? readTorch(first) : readSafetensors(safetensors, index);
  if (!read.ok) return read;
  const { tensors, description, hints, source } = read.value;
  return ok({
    files: models.map(({ name }) => name),
    source,
    tensors: withoutPrefix(tensors),
    description: description ?? config.description,
    hints: { ...hints, ...config.hints },
  });
}

/** Zips that are no PyTorch checkpoints, opened. */
function unpack(brought: readonly BroughtFile[]): Result<readonly BroughtFile[], ImportError> {
  const files: BroughtFile[] = [];
  for (const file of brought) {
    if (!startsLikeZip(file.bytes)) {
      files.push(file);
      continue;
    }
    const unreadable = (detail: string) => fail({ kind: "Unreadable" as const, file: file.name, detail });
    const archive = readZip(file.bytes);
    if (!archive.ok) return unreadable(describeZipError(archive.error));
    if ([...archive.value.keys()].some((name) => name === "data.pkl" || name.endsWith("/data.pkl"))) {
      files.push(file);
      continue;
    }
    for (const entry of archive.value.values()) {
      if (!/\.(safetensors|json|pt|pth|ckpt|bin)$/.test(entry.name)) continue;
      const content = readZipEntry(entry);
      if (!content.ok) return unreadable(describeZipError(content.error));
      files.push({ name: entry.name.replace(/^.*\//, ""), bytes: content.value });
    }
  }
  return ok(files);
}

const startsLikeZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

function sorted(files: readonly BroughtFile[]) {
  const named = (pattern: RegExp) => files.filter(({ name }) => pattern.test(name.toLowerCase()));
  const safetensors = named(/\.safetensors$/);
  const torch = files.filter(
    (file) =>
      !safetensors.includes(file) &&
      (startsLikeZip(file.bytes) || /\.(pt|pth|ckpt|bin)$/.test(file.name.toLowerCase())),
  );
  return { safetensors, torch, json: named(/\.json$/) };
}

const areShards = (files: readonly BroughtFile[]): boolean => {
  const stems = files.map(({ name }) => /^(.*)-\d{5}-of-(\d{5})\.safetensors$/.exec(name)?.slice(1).join());
  return stems[0] !== undefined && stems.every((stem) => stem === stems[0]);
};

interface Beside {
  readonly index: ShardIndex | undefined;
  readonly config: Pick<ReadModel, "description" | "hints">;
}

/** The shard index and the config among the JSON files; others are passed over. */
function readBeside(files: readonly BroughtFile[]): Result<Beside, ImportError> {
  let index: ShardIndex | undefined;
  let config: Beside["config"] = { description: null, hints: {} };
  for (const { name, bytes } of files) {
    if (name.endsWith(".index.json")) {
      const parsed = parseShardIndex(bytes);
      if (!parsed.ok) return fail({ kind: "ShardsDoNotFit", detail: describeShardError(parsed.error) });
      index = parsed.value;
    } else if (name === "config.json") {
      const said = readDescription(name, decodeUtf8(bytes));
      if (!said.ok) return said;
      config = said.value;
    }
  }
  return ok({ index, config });
}

/** A JSON text that may be a description of ours; any other object gives its hints. */
function readDescription(file: string, text: string | null): Result<Beside["config"], ImportError> {
  const json = text === null ? null : parseJson(text);
  if (text === null || !json?.ok || !isJsonObject(json.value))
    return fail({ kind: "BadDescription", file, detail: "It is not a JSON object." });
  if (!json.value.has("architecture")) return ok({ description: null, hints: hintsOf(json.value) });
  const parsed = parseDescription(JSON.parse(text));
  return parsed.ok
    ? ok({ description: parsed.value, hints: {} })
    : fail({ kind: "BadDescription", file, detail: parsed.error });
}

type ReadTensors = Omit<ReadModel, "files">;

function readTorch({ name, bytes }: BroughtFile): Result<ReadTensors, ImportError> {
  const parsed = parseTorch(bytes);
  if (!parsed.ok) return fail({ kind: "Unreadable", file: name, detail: describeTorchError(parsed.error) });
  const { tensors, source, config } = parsed.value;
  return ok({ tensors, source, description: null, hints: hintsOf(config satisfies Json) });
}

function readSafetensors(
  files: readonly BroughtFile[],
  index: ShardIndex | undefined,
): Result<ReadTensors, ImportError> {
  const shards = new Map<string, SafetensorsFile>();
  for (const { name, bytes } of files) {
    const parsed = parseSafetensors(bytes);
    if (!parsed.ok)
      return fail({ kind: "Unreadable", file: name, detail: describeSafetensorsError(parsed.error) });
    shards.set(name, parsed.value);
  }
  const merged = mergeShards(shards, index);
  if (!merged.ok) return fail({ kind: "ShardsDoNotFit", detail: describeShardError(merged.error) });
  const { tensors, metadata } = merged.value;
  const text = metadata.get(METADATA_KEY);
  const said = text === undefined ? null : readDescription(files[0].name, text);
  if (said && !said.ok) return said;
  return ok({
    tensors,
    source: null,
    description: said?.value.description ?? null,
    hints: said?.value.hints ?? {},
  });
}

/** What wrappers of training put before every name. */
const PREFIXES = ["module.", "_orig_mod.", "model.", "net.", "dit."];

/** The tensors without a prefix that all of them have. */
function withoutPrefix(tensors: TensorMap): TensorMap {
  const names = [...tensors.keys()];
  const prefix = PREFIXES.find((one) => names.length > 0 && names.every((name) => name.startsWith(one)));
  if (prefix === undefined) return tensors;
  return withoutPrefix(
    new Map([...tensors].map(([name, tensor]): [string, RawTensor] => [name.slice(prefix.length), tensor])),
  );
}
