import { fail, ok, type Result } from "#bytes/result.ts";
import { decodeUtf8 } from "#bytes/utf8.ts";
import { materialise } from "./strided.ts";
import { BYTES_PER_ELEMENT, type Dtype, elementCount, type RawTensor } from "./tensor.ts";

export type NumpyError =
  | { kind: "NotNumpy" }
  | { kind: "VersionRefused"; major: number }
  | { kind: "HeaderTruncated"; headerBytes: number; fileBytes: number }
  | { kind: "HeaderNotLiteral"; detail: string }
  | { kind: "ObjectArray" }
  | { kind: "DtypeRefused"; descr: string }
  | { kind: "ShapeRefused"; shape: string }
  | { kind: "DataSize"; expectedBytes: number; actualBytes: number };

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;

/** numpy's type codes without the byte order. */
const dtypes: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ["b1", "BOOL"],
  ["u1", "U8"],
  ["i1", "I8"],
  ["i2", "I16"],
  ["u2", "U16"],
  ["f2", "F16"],
  ["i4", "I32"],
  ["u4", "U32"],
  ["f4", "F32"],
  ["i8", "I64"],
  ["u8", "U64"],
  ["f8", "F64"],
]);

/** numpy's own limit for files it does not trust; the patterns below take a moment for this many characters. */
const longestHeader = 10_000;

/** Reads a .npy array (versions 1 to 3) as a row-major little-endian tensor. Column-major and big-endian arrays are
 *  turned round. The header is matched, not evaluated; objects (pickles), records and complex numbers are refused.
 *  Total: returns for every byte string, never throws, allocates at most the data's size.
 *  Source: numpy.lib.format. */
export function parseNumpy(bytes: Uint8Array): Result<RawTensor, NumpyError> {
  if (bytes.length < 10 || !magic.every((byte, i) => bytes[i] === byte)) return fail({ kind: "NotNumpy" });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6];
  if (major !== 1 && major !== 2 && major !== 3) return fail({ kind: "VersionRefused", major });
  const headerAt = major === 1 ? 10 : 12;
  const headerBytes =
    major === 1
      ? view.getUint16(8, true)
      : bytes.length >= 12
        ? view.getUint32(8, true)
        : Number.POSITIVE_INFINITY;
  if (headerBytes > bytes.length - headerAt)
    return fail({ kind: "HeaderTruncated", headerBytes, fileBytes: bytes.length });
  if (headerBytes > longestHeader)
    return fail({ kind: "HeaderNotLiteral", detail: `it has ${headerBytes} bytes` });

  const header = readHeader(decodeUtf8(bytes.subarray(headerAt, headerAt + headerBytes)) ?? "");
  if (!header.ok) return header;
  const { dtype, bigEndian, columnMajor, shape } = header.value;
  const width = BYTES_PER_ELEMENT[dtype];
  const elements = elementCount(shape);
  if (elements === null) return fail({ kind: "ShapeRefused", shape: shape.join(", ") });
  const data = bytes.subarray(headerAt + headerBytes);
  if (data.length !== elements * width)
    return fail({ kind: "DataSize", expectedBytes: elements * width, actualBytes: data.length });

  const little = bigEndian && width > 1 ? swapped(data, width) : data;
  if (!columnMajor) return ok({ dtype, shape, bytes: little });
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  return ok(materialise({ dtype, shape, strides, offset: 0, bytes: little }));
}

interface Header {
  readonly dtype: Dtype;
  readonly bigEndian: boolean;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
}

function readHeader(text: string): Result<Header, NumpyError> {
  const body = /^\{(.*)\}[ \n]*$/s.exec(text)?.[1];
  if (body === undefined) return fail({ kind: "HeaderNotLiteral", detail: "it is no dict" });
  const fields = new Map<string, string>();
  // One entry at a time: a quoted key, then a quoted string, a name, a tuple of numbers, or a list (of records).
  const entry = /\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\s,-]*\)|\[.*\])\s*(?:,|$)\s*/sy;
  for (let at = 0; at < body.length; at = entry.lastIndex) {
    entry.lastIndex = at;
    const found = entry.exec(body);
    if (!found) return fail({ kind: "HeaderNotLiteral", detail: "an entry is no literal" });
    if (fields.has(found[1])) return fail({ kind: "HeaderNotLiteral", detail: `${found[1]} comes twice` });
    fields.set(found[1], found[2]);
  }
  const [descr, order, shapeText] = ["descr", "fortran_order", "shape"].map((key) => fields.get(key));
  if (
    descr === undefined ||
    shapeText === undefined ||
    (order !== "True" && order !== "False") ||
    fields.size !== 3
  )
    return fail({
      kind: "HeaderNotLiteral",
      detail: "it needs descr, fortran_order and shape, and nothing else",
    });

  const [, byteOrder, code] = /^'([<>|=]?)(\w+)'$/.exec(descr) ?? [];
  if (code?.startsWith("O")) return fail({ kind: "ObjectArray" });
  const dtype = dtypes.get(code ?? "");
  if (!dtype) return fail({ kind: "DtypeRefused", descr });
  const sizes = /^\(\s*((?:\d+\s*,\s*)*(?:\d+\s*)?)\)$/.exec(shapeText)?.[1];
  const shape = sizes
    ?.split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  // "(3)" is a number in Python, not a tuple.
  if (!shape || (shape.length === 1 && !sizes?.includes(",")) || !shape.every(Number.isSafeInteger))
    return fail({ kind: "ShapeRefused", shape: shapeText });
  return ok({ dtype, bigEndian: byteOrder === ">", columnMajor: order === "True", shape });
}

function swapped(data: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i - (i % width) + width - 1 - (i % width)] = data[i];
  return out;
}

/** One sentence about an error of this file. */
export function describeNumpyError(error: NumpyError): string {
  switch (error.kind) {
    case "NotNumpy":
      return "The file does not start like a .npy array.";
    case "VersionRefused":
      return `The .npy file is of version ${error.major}; 1 to 3 are read.`;
    case "HeaderTruncated":
      return `The .npy header should have ${error.headerBytes} bytes; the file of ${error.fileBytes} ends before that.`;
    case "HeaderNotLiteral":
      return `The .npy header is not what numpy writes: ${error.detail}.`;
    case "ObjectArray":
      return "The .npy array holds Python objects, which are never loaded.";
    case "DtypeRefused":
      return `The .npy array has elements of type ${error.descr}, which are not read.`;
    case "ShapeRefused":
      return `The .npy array has the impossible shape ${error.shape}.`;
    case "DataSize":
      return `The .npy array should have ${error.expectedBytes} bytes of data and has ${error.actualBytes}.`;
  }
}
