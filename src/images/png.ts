import { zlibSync } from "fflate";
import { crc32 } from "#bytes/crc32.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import { decodeUtf8 } from "#bytes/utf8.ts";
import type { Size } from "./limits.ts";
import { type PngError, readPngChunks } from "./pngChunks.ts";
import { paeth } from "./pngPixels.ts";

/** Pixels to be written: 3 bytes (RGB) or 4 (RGBA) a pixel, row by row; which of the two follows from the length. */
export interface PngPixels extends Size {
  readonly data: Uint8Array | Uint8ClampedArray;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Bytes of an 8-bit PNG with one iTXt chunk for each entry of `text` (UTF-8, not compressed, before the pixels).
 *  The same input gives the same bytes everywhere: filter and compression are fixed and done in plain arithmetic.
 *  Throws RangeError for pixels that do not fit the size, or a key that PNG does not allow (1–79 of A–Z, a–z, 0–9,
 *  space, - and _). */
export function encodePng(
  pixels: PngPixels,
  text: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { width, height, data } = pixels;
  const channels = data.length / (width * height);
  if (channels !== 3 && channels !== 4)
    throw new RangeError(`${data.length} bytes are no ${width} × ${height} RGB or RGBA pixels`);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 4 ? 6 : 2], 8);
  return join([
    signature,
    chunk("IHDR", header),
    ...Object.entries(text).map(([key, value]) => chunk("iTXt", internationalText(key, value))),
    chunk("IDAT", zlibSync(filterRows(pixels, channels), { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** Paeth on every row: it never does much worse than the best choice a row, and needs no choice. */
function filterRows({ width, height, data }: PngPixels, channels: number): Uint8Array {
  const stride = width * channels;
  const out = new Uint8Array(height * (1 + stride));
  for (let y = 0; y < height; y++) {
    const to = y * (1 + stride);
    out[to] = 4;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= channels ? data[at - channels] : 0;
      const up = y > 0 ? data[at - stride] : 0;
      const upLeft = x >= channels && y > 0 ? data[at - stride - channels] : 0;
      out[to + 1 + x] = data[at] - paeth(left, up, upLeft);
    }
  }
  return out;
}

/** keyword, 0, not compressed (0, 0), no language (0), no translated keyword (0), text. W3C PNG §11.3.3.4. */
function internationalText(key: string, value: string): Uint8Array {
  if (!/^[A-Za-z0-9_-](?:[A-Za-z0-9 _-]{0,77}[A-Za-z0-9_-])?$/.test(key))
    throw new RangeError(`${JSON.stringify(key)} is no key for a PNG text`);
  const encoder = new TextEncoder();
  return join([encoder.encode(key), new Uint8Array(5), encoder.encode(value)]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Size and texts of a PNG, without decoding its pixels. Texts come from iTXt (UTF-8) and tEXt (Latin-1) chunks; of
 *  two with one key the first counts; compressed and unreadable ones are left out. Total: never throws. */
export function readPngText(
  bytes: Uint8Array,
): Result<Size & { readonly text: ReadonlyMap<string, string> }, PngError> {
  const file = readPngChunks(bytes);
  if (!file.ok) return fail(file.error);
  const text = new Map<string, string>();
  for (const { type, data } of file.value.chunks) {
    const entry =
      type === "iTXt" ? readInternationalText(data) : type === "tEXt" ? readLatinText(data) : null;
    if (entry && !text.has(entry[0])) text.set(...entry);
  }
  const { width, height } = file.value.header;
  return ok({ width, height, text });
}

const latin1 = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

function readLatinText(data: Uint8Array): [string, string] | null {
  const end = data.indexOf(0);
  return end < 1 ? null : [latin1(data.subarray(0, end)), latin1(data.subarray(end + 1))];
}

function readInternationalText(data: Uint8Array): [string, string] | null {
  const end = data.indexOf(0);
  if (end < 1 || data[end + 1] !== 0) return null; // a compressed text: none of ours
  const languageEnd = data.indexOf(0, end + 3);
  const translationEnd = languageEnd < 0 ? -1 : data.indexOf(0, languageEnd + 1);
  const value = translationEnd < 0 ? null : decodeUtf8(data.subarray(translationEnd + 1));
  return value === null ? null : [latin1(data.subarray(0, end)), value];
}
