import type { Json } from "#bytes/json.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import { describeZipError, type ZipError } from "#bytes/zipRecords.ts";
import {
  type AllowedGlobals,
  describePickleError,
  isCall,
  isDict,
  isGlobal,
  isList,
  isPersistent,
  isTuple,
  type PickleError,
  type PyCall,
  type PyValue,
  readPickle,
} from "./pickle.ts";
import { materialise, type StridedView, viewEnd } from "./strided.ts";
import { BYTES_PER_ELEMENT, type Dtype, elementCount, type RawTensor, type TensorMap } from "./tensor.ts";
import { readZip, readZipEntry, type ZipArchive } from "./zip.ts";

/** Entries of a checkpoint that can hold weights, best first: the averaged ones, the raw ones, those of trainers
 *  that say neither. */
const WEIGHT_ENTRIES = ["ema", "model", "state_dict"] as const;
export type WeightEntry = (typeof WEIGHT_ENTRIES)[number];
export const isWeightEntry = (name: string): name is WeightEntry =>
  WEIGHT_ENTRIES.some((entry) => entry === name);

/** Which part of the checkpoint the weights are from; `bare` when the whole file is a state dict. */
export type TorchSource = WeightEntry | "bare";

export interface TorchCheckpoint {
  readonly source: TorchSource;
  readonly tensors: TensorMap;
  /** Entries of the same dict that are no tensors, such as `_extra_state`. */
  readonly skipped: readonly string[];
  /** The checkpoint's `config`, as in the paper's release; null when it has none. */
  readonly config: Json;
}

export type TorchError =
  | { kind: "BadArchive"; error: ZipError }
  | { kind: "NoPickle" }
  | { kind: "BadPickle"; error: PickleError }
  | { kind: "BigEndian" }
  | { kind: "NoTensors"; found: readonly string[] }
  | { kind: "BadTensor"; tensor: string; detail: string }
  | { kind: "MissingStorage"; tensor: string; storage: string }
  | { kind: "StorageSize"; tensor: string; storage: string; expectedBytes: number; actualBytes: number }
  | { kind: "ViewOutOfBounds"; tensor: string; lastElement: number; storageElements: number }
  | { kind: "TensorsTooLarge"; bytes: number; limitBytes: number };

const dtypes: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ["torch.FloatStorage", "F32"],
  ["torch.DoubleStorage", "F64"],
  ["torch.HalfStorage", "F16"],
  ["torch.BFloat16Storage", "BF16"],
  ["torch.LongStorage", "I64"],
  ["torch.IntStorage", "I32"],
  ["torch.ShortStorage", "I16"],
  ["torch.CharStorage", "I8"],
  ["torch.ByteStorage", "U8"],
  ["torch.BoolStorage", "BOOL"],
]);

/** All that a checkpoint may name. The called ones are read as data below; the rest stays inert. */
const allowed: AllowedGlobals = new Map<string, "call" | "name">([
  ...[...dtypes.keys()].map((name) => [name, "name"] as const),
  ["torch._utils._rebuild_tensor_v2", "call"],
  ["torch._utils._rebuild_parameter", "call"],
  ["collections.OrderedDict", "call"],
  ["argparse.Namespace", "call"],
  ["torch.Size", "call"],
  ["torch.device", "call"],
  ["_codecs.encode", "call"], // how protocol 2 writes bytes
  ["builtins.set", "call"],
  ["__builtin__.set", "call"],
]);

/** Tensors may take this many times the file, views of one storage counted each. */
const largestGrowth = 8;
const smallBytes = 2 ** 20;

/** Reads a PyTorch checkpoint (zip of a pickle and raw storages, torch ≥ 1.6) without running anything in it: a dict
 *  `{ema | model | state_dict: weights, config?, …}`, in this order of preference, or a bare state dict. `from` asks for
 *  one of the entries and no other.
 *  Strided, shared and offset views come out row-major; views that are row-major already share the file's bytes.
 *  Total: returns for every byte string, never throws; materialises at most 8 times the file + 1 MiB. */
export function parseTorch(bytes: Uint8Array, from?: WeightEntry): Result<TorchCheckpoint, TorchError> {
  const archive = readZip(bytes);
  if (!archive.ok) return fail({ kind: "BadArchive", error: archive.error });
  const pickleName = [...archive.value.keys()].find(
    (name) => name === "data.pkl" || name.endsWith("/data.pkl"),
  );
  const pickleEntry = archive.value.get(pickleName ?? "");
  if (pickleName === undefined || !pickleEntry) return fail({ kind: "NoPickle" });
  const folder = pickleName.slice(0, -"data.pkl".length);
  const pickleBytes = readZipEntry(pickleEntry);
  if (!pickleBytes.ok) return fail({ kind: "BadArchive", error: pickleBytes.error });
  const byteOrder = archive.value.get(`${folder}byteorder`);
  if (byteOrder?.packed[0] === 0x62) return fail({ kind: "BigEndian" }); // "big"

  const root = readPickle(pickleBytes.value, allowed);
  if (!root.ok) return fail({ kind: "BadPickle", error: root.error });
  const entries = entriesOf(root.value);
  const chosen = entries && chooseWeights(entries, from);
  if (!chosen)
    return fail({ kind: "NoTensors", found: [...(entries?.keys() ?? [])].map(String).slice(0, 20) });

  const storages = new Storages(archive.value, folder);
  const tensors = new Map<string, RawTensor>();
  const skipped: string[] = [];
  const limitBytes = largestGrowth * bytes.length + smallBytes;
  let usedBytes = 0;
  for (const [key, value] of chosen.weights) {
    const rebuild = rebuildOf(value);
    if (!rebuild && isParameter(value))
      return fail({ kind: "BadTensor", tensor: String(key), detail: "it is a parameter of no tensor" });
    if (!rebuild || typeof key !== "string") {
      skipped.push(String(key));
      continue;
    }
    const view = readView(key, rebuild, storages);
    if (!view.ok) return view;
    usedBytes +=
      (elementCount(view.value.shape) ?? Number.POSITIVE_INFINITY) * BYTES_PER_ELEMENT[view.value.dtype];
    if (usedBytes > limitBytes) return fail({ kind: "TensorsTooLarge", bytes: usedBytes, limitBytes });
    tensors.set(key, materialise(view.value));
  }
  return ok({ source: chosen.source, tensors, skipped, config: toJson(entries.get("config") ?? null) });
}

type Entries = ReadonlyMap<PyValue, PyValue>;

/** The entries of a dict or an OrderedDict, which Python 3 fills item by item after an empty call. */
function entriesOf(value: PyValue | undefined): Entries | null {
  if (isDict(value)) return value.entries;
  return isCall(value) && value.name === "collections.OrderedDict" && value.args.length === 0
    ? value.entries
    : null;
}

function chooseWeights(
  entries: Entries,
  from?: WeightEntry,
): { source: TorchSource; weights: Entries } | null {
  const hasTensor = (candidate: Entries | null): candidate is Entries =>
    candidate !== null && [...candidate].some(([key, value]) => typeof key === "string" && rebuildOf(value));
  for (const source of from ? [from] : WEIGHT_ENTRIES) {
    const weights = entriesOf(entries.get(source));
    if (hasTensor(weights)) return { source, weights };
  }
  return !from && hasTensor(entries) ? { source: "bare", weights: entries } : null;
}

const isParameter = (value: PyValue | undefined): value is PyCall =>
  isCall(value) && value.name === "torch._utils._rebuild_parameter";

/** The call that rebuilds a tensor, also inside a parameter; null when the value is none. */
function rebuildOf(value: PyValue | undefined): PyCall | null {
  const inner = isParameter(value) ? value.args[0] : value;
  return isCall(inner) && inner.name === "torch._utils._rebuild_tensor_v2" ? inner : null;
}

/** The checked view that `_rebuild_tensor_v2(storage, offset, size, stride, …)` describes. */
function readView(tensor: string, { args }: PyCall, storages: Storages): Result<StridedView, TorchError> {
  const [storage, offset] = args;
  const shape = wholeNumbers(args[2]);
  const strides = wholeNumbers(args[3]);
  const bad = (detail: string) => fail<TorchError>({ kind: "BadTensor", tensor, detail });
  if (!shape || !strides || shape.length !== strides.length)
    return bad("its sizes and strides are not lists of whole numbers of one length");
  if (typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0)
    return bad("its offset is not a whole number");
  if (elementCount(shape) === null) return bad(`it has the impossible shape [${shape.join(", ")}]`);
  const read = storages.read(tensor, storage);
  if (!read.ok) return read;
  const { dtype, bytes } = read.value;
  const storageElements = bytes.length / BYTES_PER_ELEMENT[dtype];
  const end = viewEnd(shape, strides, offset);
  if (end > storageElements)
    return fail({ kind: "ViewOutOfBounds", tensor, lastElement: end - 1, storageElements });
  return ok({ dtype, shape, strides, offset, bytes });
}

function wholeNumbers(value: PyValue | undefined): readonly number[] | null {
  const items =
    isTuple(value) || isList(value)
      ? value.items
      : isCall(value) && value.name === "torch.Size" && isTuple(value.args[0])
        ? value.args[0].items
        : null;
  const numbers: number[] = [];
  for (const item of items ?? []) {
    if (typeof item !== "number" || !Number.isSafeInteger(item) || item < 0) return null;
    numbers.push(item);
  }
  return items && numbers;
}

interface Storage {
  readonly dtype: Dtype;
  readonly bytes: Uint8Array;
}

/** Storages of an archive, each read and checked once. */
class Storages {
  private readonly known = new Map<string, Storage>();
  private readonly archive: ZipArchive;
  private readonly folder: string;

  constructor(archive: ZipArchive, folder: string) {
    this.archive = archive;
    this.folder = folder;
  }

  /** `reference` is persistent id ("storage", type, key, device, elements). An entry of another length than declared
   *  is refused before it is unpacked. */
  read(tensor: string, reference: PyValue | undefined): Result<Storage, TorchError> {
    const [tag, type, key, , elements] =
      isPersistent(reference) && isTuple(reference.id) ? reference.id.items : [];
    const dtype = isGlobal(type) ? dtypes.get(type.name) : undefined;
    if (
      tag !== "storage" ||
      !dtype ||
      typeof key !== "string" ||
      typeof elements !== "number" ||
      !Number.isSafeInteger(elements) ||
      elements < 0
    )
      return fail({ kind: "BadTensor", tensor, detail: "it has no storage of a known type" });
    const earlier = this.known.get(`${dtype} ${elements} ${key}`);
    if (earlier) return ok(earlier);
    const entry = this.archive.get(`${this.folder}data/${key}`);
    if (!entry) return fail({ kind: "MissingStorage", tensor, storage: key });
    const expectedBytes = elements * BYTES_PER_ELEMENT[dtype];
    if (entry.size !== expectedBytes)
      return fail({ kind: "StorageSize", tensor, storage: key, expectedBytes, actualBytes: entry.size });
    const content = readZipEntry(entry);
    if (!content.ok) return fail({ kind: "BadArchive", error: content.error });
    const storage = { dtype, bytes: content.value };
    this.known.set(`${dtype} ${elements} ${key}`, storage);
    return ok(storage);
  }
}

/** Plain containers and scalars as JSON; what has no JSON, or is nested too deep or too large for a config, is null. */
function toJson(root: PyValue): Json {
  let budget = 10_000; // values; a real config has about 20
  const convert = (value: PyValue, depth: number): Json => {
    if (depth > 16 || budget-- <= 0) return null;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    if (isList(value) || isTuple(value))
      return value.items.slice(0, budget).map((item) => convert(item, depth + 1));
    const entries = entriesOf(value);
    if (!entries) return null;
    const object = new Map<string, Json>();
    for (const [key, item] of entries) {
      if (budget <= 0) break;
      if (typeof key === "string") object.set(key, convert(item, depth + 1));
    }
    return object;
  };
  return convert(root, 0);
}

/** One sentence about an error of this file. */
export function describeTorchError(error: TorchError): string {
  switch (error.kind) {
    case "BadArchive":
      return error.error.kind === "NotZip"
        ? "The file is not a zip archive, as a PyTorch checkpoint is since torch 1.6; save an older one again."
        : describeZipError(error.error);
    case "NoPickle":
      return "The archive has no data.pkl: it is no PyTorch checkpoint.";
    case "BadPickle":
      return describePickleError(error.error);
    case "BigEndian":
      return "The checkpoint was written on a big-endian machine, which is not read here.";
    case "NoTensors":
      return `The checkpoint holds no weights; it holds ${error.found.join(", ") || "nothing with a name"}.`;
    case "BadTensor":
      return `${error.tensor} cannot be read: ${error.detail}.`;
    case "MissingStorage":
      return `The storage ${error.storage} of ${error.tensor} is not in the archive.`;
    case "StorageSize":
      return `The storage ${error.storage} of ${error.tensor} has ${error.actualBytes} bytes instead of ${error.expectedBytes}.`;
    case "ViewOutOfBounds":
      return `${error.tensor} reaches to element ${error.lastElement} of a storage of ${error.storageElements}.`;
    case "TensorsTooLarge":
      return `The tensors would take ${error.bytes} bytes, more than the ${error.limitBytes} that are allowed for the file.`;
  }
}
