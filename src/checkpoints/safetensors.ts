import {
  describeJsonError,
  isJsonObject,
  type Json,
  type JsonError,
  type JsonObject,
  parseJson,
} from "#bytes/json.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import { decodeUtf8 } from "#bytes/utf8.ts";
import {
  BYTES_PER_ELEMENT,
  type Dtype,
  elementCount,
  isDtype,
  type RawTensor,
  type TensorMap,
} from "./tensor.ts";

export interface SafetensorsFile {
  readonly tensors: TensorMap;
  /** The header's `__metadata__`; empty when there is none. */
  readonly metadata: ReadonlyMap<string, string>;
}

export type SafetensorsError =
  | { kind: "FileTooShort"; fileBytes: number }
  | { kind: "HeaderTooLong"; headerBytes: number; fileBytes: number }
  | { kind: "HeaderNotText" }
  | { kind: "HeaderNotJson"; error: JsonError }
  | { kind: "HeaderNotObject" }
  | { kind: "MetadataNotText"; key: string }
  | { kind: "EntryNotObject"; tensor: string }
  | { kind: "UnknownDtype"; tensor: string; dtype: string }
  | { kind: "BadShape"; tensor: string }
  | { kind: "ShapeTooLarge"; tensor: string; shape: readonly number[] }
  | { kind: "BadOffsets"; tensor: string }
  | { kind: "BeginAfterEnd"; tensor: string; begin: number; end: number }
  | { kind: "PastEnd"; tensor: string; end: number; dataBytes: number }
  | { kind: "SizeMismatch"; tensor: string; shapeBytes: number; spanBytes: number }
  | { kind: "SpansNotContiguous"; tensor: string; expectedStart: number; start: number }
  | { kind: "TrailingBytes"; usedBytes: number; dataBytes: number };

type Span = {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
};

/** Reads a safetensors file: u64 header length, JSON header, then the tensors without a gap.
 *  Total: returns for every byte string, never throws, never reads outside `bytes`, and allocates in proportion to the
 *  header alone, since tensors are views. Source: github.com/huggingface/safetensors, "Format". */
export function parseSafetensors(bytes: Uint8Array): Result<SafetensorsFile, SafetensorsError> {
  if (bytes.length < 8) return fail({ kind: "FileTooShort", fileBytes: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (headerBytes > bytes.length - 8)
    return fail({ kind: "HeaderTooLong", headerBytes, fileBytes: bytes.length });

  const text = decodeUtf8(bytes.subarray(8, 8 + headerBytes));
  if (text === null) return fail({ kind: "HeaderNotText" });
  if (!text.startsWith("{")) return fail({ kind: "HeaderNotObject" }); // the format says: the very first character
  const header = parseJson(text);
  if (!header.ok) return fail({ kind: "HeaderNotJson", error: header.error });
  if (!isJsonObject(header.value)) return fail({ kind: "HeaderNotObject" });

  const metadata = readMetadata(header.value.get("__metadata__"));
  if (!metadata.ok) return metadata;
  const data = bytes.subarray(8 + headerBytes);
  const spans: Span[] = [];
  for (const [name, entry] of header.value) {
    if (name === "__metadata__") continue;
    const span = readSpan(name, entry, data.length);
    if (!span.ok) return span;
    spans.push(span.value);
  }

  const gap = findGap(spans, data.length);
  if (gap) return fail(gap);
  const tensors = new Map<string, RawTensor>();
  for (const { name, dtype, shape, begin, end } of spans)
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  return ok({ tensors, metadata: metadata.value });
}

function readMetadata(entry: Json | undefined): Result<ReadonlyMap<string, string>, SafetensorsError> {
  const metadata = new Map<string, string>();
  if (entry === undefined) return ok(metadata);
  if (!isJsonObject(entry)) return fail({ kind: "MetadataNotText", key: "__metadata__" });
  for (const [key, value] of entry) {
    if (typeof value !== "string") return fail({ kind: "MetadataNotText", key });
    metadata.set(key, value);
  }
  return ok(metadata);
}

/** Sizes and offsets are checked as numbers before anything is made of them. */
function readSpan(name: string, entry: Json, dataBytes: number): Result<Span, SafetensorsError> {
  if (!isJsonObject(entry)) return fail({ kind: "EntryNotObject", tensor: name });
  const dtype = entry.get("dtype");
  if (typeof dtype !== "string" || !isDtype(dtype))
    return fail({ kind: "UnknownDtype", tensor: name, dtype: String(dtype) });
  const shape = wholeNumbers(entry, "shape");
  if (!shape) return fail({ kind: "BadShape", tensor: name });
  const elements = elementCount(shape);
  if (elements === null) return fail({ kind: "ShapeTooLarge", tensor: name, shape });
  const [begin, end, ...more] = wholeNumbers(entry, "data_offsets") ?? [];
  if (begin === undefined || end === undefined || more.length > 0)
    return fail({ kind: "BadOffsets", tensor: name });
  if (begin > end) return fail({ kind: "BeginAfterEnd", tensor: name, begin, end });
  if (end > dataBytes) return fail({ kind: "PastEnd", tensor: name, end, dataBytes });
  const shapeBytes = elements * BYTES_PER_ELEMENT[dtype];
  if (shapeBytes !== end - begin)
    return fail({ kind: "SizeMismatch", tensor: name, shapeBytes, spanBytes: end - begin });
  return ok({ name, dtype, shape, begin, end });
}

function wholeNumbers(entry: JsonObject, key: string): readonly number[] | null {
  const list = entry.get(key);
  if (!Array.isArray(list)) return null;
  const numbers: number[] = [];
  for (const item of list) {
    if (typeof item !== "number" || !Number.isSafeInteger(item) || item < 0) return null;
    numbers.push(item);
  }
  return numbers;
}

/** The spans in order must follow one another from 0 to the end of the data: no overlap, no hole, nothing after. */
function findGap(spans: readonly Span[], dataBytes: number): SafetensorsError | null {
  let expectedStart = 0;
  for (const { name, begin, end } of spans.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== expectedStart)
      return { kind: "SpansNotContiguous", tensor: name, expectedStart, start: begin };
    expectedStart = end;
  }
  return expectedStart === dataBytes ? null : { kind: "TrailingBytes", usedBytes: expectedStart, dataBytes };
}

/** Bytes of a safetensors file that `parseSafetensors` reads back. The data is in the order of falling element size
 *  and starts at a multiple of 8, so every tensor is aligned. Throws RangeError when a tensor's bytes do not fit its
 *  shape or a tensor is called `__metadata__`. */
export function writeSafetensors(
  tensors: TensorMap,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    ([, a], [, b]) => BYTES_PER_ELEMENT[b.dtype] - BYTES_PER_ELEMENT[a.dtype],
  );
  const entries: string[] =
    metadata.size > 0 ? [`"__metadata__":${JSON.stringify(Object.fromEntries(metadata))}`] : [];
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of ordered) {
    const shapeBytes = (elementCount(shape) ?? Number.NaN) * BYTES_PER_ELEMENT[dtype];
    if (shapeBytes !== bytes.length)
      throw new RangeError(`${name}: shape asks for ${shapeBytes} bytes, ${bytes.length} given`);
    if (name === "__metadata__") throw new RangeError("no tensor can be called __metadata__");
    // Written key by key: an object would take a tensor called __proto__ for something else.
    entries.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, offset + bytes.length] })}`,
    );
    offset += bytes.length;
  }
  const text = new TextEncoder().encode(`{${entries.join(",")}}`);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const [, { bytes }] of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** One sentence about an error of this file. */
export function describeSafetensorsError(error: SafetensorsError): string {
  switch (error.kind) {
    case "FileTooShort":
      return `The file has ${error.fileBytes} bytes; a safetensors file starts with 8 for the length of its header.`;
    case "HeaderTooLong":
      return `The header is said to have ${error.headerBytes} bytes, more than the file of ${error.fileBytes} holds.`;
    case "HeaderNotText":
      return "The header is not UTF-8 text.";
    case "HeaderNotJson":
      return `The header cannot be read: ${describeJsonError(error.error)}.`;
    case "HeaderNotObject":
      return "The header is not a JSON object.";
    case "MetadataNotText":
      return `The metadata entry ${JSON.stringify(error.key)} is not text.`;
    case "EntryNotObject":
      return `The header's entry of ${error.tensor} is not an object.`;
    case "UnknownDtype":
      return `${error.tensor} has the unknown element type ${error.dtype}.`;
    case "BadShape":
      return `${error.tensor} has no shape of whole numbers from 0 on.`;
    case "ShapeTooLarge":
      return `${error.tensor} has the impossible shape [${error.shape.join(", ")}].`;
    case "BadOffsets":
      return `${error.tensor} has no pair of whole data_offsets.`;
    case "BeginAfterEnd":
      return `${error.tensor} begins at ${error.begin} and ends before that, at ${error.end}.`;
    case "PastEnd":
      return `${error.tensor} ends at byte ${error.end} of ${error.dataBytes}.`;
    case "SizeMismatch":
      return `The shape of ${error.tensor} asks for ${error.shapeBytes} bytes, its span has ${error.spanBytes}.`;
    case "SpansNotContiguous":
      return `${error.tensor} starts at byte ${error.start} where ${error.expectedStart} is next: tensors overlap or leave a hole.`;
    case "TrailingBytes":
      return `The tensors use ${error.usedBytes} of ${error.dataBytes} data bytes; nobody owns the rest.`;
  }
}
