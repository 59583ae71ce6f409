import { crc32 } from "#bytes/crc32.ts";
import { describeInflateError, type InflateError } from "#bytes/inflate.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import { sniffKind } from "./kind.ts";
import { MAX_PIXELS, type Size, withinLimits } from "./limits.ts";

export interface PngHeader extends Size {
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly interlaced: boolean;
}

export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
}

export interface PngFile {
  readonly header: PngHeader;
  /** Every chunk from IHDR to IEND, both included. */
  readonly chunks: readonly PngChunk[];
}

export type PngError =
  | { kind: "NotPng" }
  | { kind: "PngTruncated"; at: number; fileBytes: number }
  | { kind: "ChunkDamaged"; chunk: string; at: number }
  | { kind: "BadHeader"; detail: string }
  | { kind: "TooManyPixels"; width: number; height: number; limit: number }
  | { kind: "ChunkOrder"; chunk: string; detail: string }
  | { kind: "UnknownCriticalChunk"; chunk: string }
  | { kind: "BadPalette"; bytes: number }
  | { kind: "PixelsDamaged"; error: InflateError }
  | { kind: "BadFilter"; row: number; filter: number }
  | { kind: "NotDecoded"; detail: string };

/** Bit depths that a colour type allows; W3C PNG, table 11.1. */
const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Splits a PNG into its chunks, with every CRC checked, and reads its header. Pixels are not looked at, and bytes
 *  after IEND are left alone, as browsers do. Total: returns for every byte string, never throws; allocates nothing
 *  but the list of chunks, whose data are views. Source: W3C PNG (third edition) §5. */
export function readPngChunks(bytes: Uint8Array): Result<PngFile, PngError> {
  if (sniffKind(bytes) !== "png") return fail({ kind: "NotPng" });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  let header: PngHeader | null = null;
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) return fail({ kind: "PngTruncated", at, fileBytes: bytes.length });
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) return fail({ kind: "ChunkDamaged", chunk: JSON.stringify(type), at });
    if (length > bytes.length - at - 12) return fail({ kind: "PngTruncated", at, fileBytes: bytes.length });
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length))
      return fail({ kind: "ChunkDamaged", chunk: type, at });
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (!header) {
      const read = readHeader(type, data);
      if (!read.ok) return read;
      header = read.value;
    } else if (type === "IHDR") return fail({ kind: "ChunkOrder", chunk: type, detail: "comes twice" });
    chunks.push({ type, data });
    at += 12 + length;
    if (type === "IEND") return ok({ header, chunks });
  }
}

function readHeader(type: string, data: Uint8Array): Result<PngHeader, PngError> {
  if (type !== "IHDR") return fail({ kind: "ChunkOrder", chunk: type, detail: "stands before IHDR" });
  if (data.length !== 13) return fail({ kind: "BadHeader", detail: `${data.length} bytes instead of 13` });
  const view = new DataView(data.buffer, data.byteOffset, 13);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [bitDepth, colourType, compression, filter, interlace] = data.subarray(8);
  if (width === 0 || height === 0) return fail({ kind: "BadHeader", detail: `${width} × ${height} pixels` });
  if (!withinLimits({ width, height }))
    return fail({ kind: "TooManyPixels", width, height, limit: MAX_PIXELS });
  if (!isColourType(colourType) || !isBitDepth(bitDepth) || !depths[colourType].includes(bitDepth))
    return fail({ kind: "BadHeader", detail: `colour type ${colourType} with ${bitDepth} bits` });
  if (compression !== 0 || filter !== 0 || interlace > 1)
    return fail({
      kind: "BadHeader",
      detail: `compression ${compression}, filter ${filter}, interlace ${interlace}`,
    });
  return ok({ width, height, bitDepth, colourType, interlaced: interlace === 1 });
}

const isColourType = (n: number): n is PngHeader["colourType"] => [0, 2, 3, 4, 6].includes(n);
const isBitDepth = (n: number): n is PngHeader["bitDepth"] => [1, 2, 4, 8, 16].includes(n);

/** One sentence about an error of a PNG. */
export function describePngError(error: PngError): string {
  switch (error.kind) {
    case "NotPng":
      return "The file does not start like a PNG.";
    case "PngTruncated":
      return `The PNG ends in the middle, after ${error.fileBytes} bytes.`;
    case "ChunkDamaged":
      return `The PNG is damaged: chunk ${error.chunk} at byte ${error.at}.`;
    case "BadHeader":
      return `The PNG's header is impossible (${error.detail}).`;
    case "TooManyPixels":
      return `The PNG says that it has ${error.width} × ${error.height} pixels; at most ${error.limit} are read.`;
    case "ChunkOrder":
      return `The PNG's chunks are out of order: ${error.chunk} ${error.detail}.`;
    case "UnknownCriticalChunk":
      return `The PNG cannot be shown without its unknown chunk ${error.chunk}.`;
    case "BadPalette":
      return `The PNG's palette is missing or has an impossible length (${error.bytes} bytes).`;
    case "PixelsDamaged":
      return `The PNG's pixels are damaged: ${describeInflateError(error.error)}.`;
    case "BadFilter":
      return `The PNG's pixels are damaged: filter ${error.filter} in row ${error.row}.`;
    case "NotDecoded":
      return `The PNG is valid, but ${error.detail} are not decoded here.`;
  }
}
