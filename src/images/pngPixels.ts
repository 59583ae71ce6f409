import { unzlibTo } from "#bytes/inflate.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import { type PngChunk, type PngError, type PngFile, type PngHeader, readPngChunks } from "./pngChunks.ts";

export interface DecodedPng {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row, not premultiplied. */
  readonly rgba: Uint8Array<ArrayBuffer>;
}

const samples: Readonly<Record<PngHeader["colourType"], number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes of a row of `width` pixels, without its filter byte. */
const rowBytes = ({ colourType, bitDepth }: PngHeader, width: number): number =>
  Math.ceil((width * samples[colourType] * bitDepth) / 8);

/** Start and step of the seven Adam7 passes: x0, y0, dx, dy. W3C PNG §8.1. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Rows and bytes a row of each pass in the order of the stream; one pass when not interlaced. */
function passes(header: PngHeader): { rows: number; bytes: number }[] {
  if (!header.interlaced) return [{ rows: header.height, bytes: rowBytes(header, header.width) }];
  return adam7
    .map(([x0, y0, dx, dy]) => ({
      columns: Math.ceil((header.width - x0) / dx),
      rows: Math.ceil((header.height - y0) / dy),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map(({ columns, rows }) => ({ rows, bytes: rowBytes(header, columns) }));
}

/** Checks a PNG through and through without keeping its pixels: every chunk and its CRC, order, palette, and that the
 *  pixels inflate to exactly the size that the header asks for, with valid row filters. Total: never throws; takes
 *  about 8 MiB and the file's own size at most, whatever the header says. */
export function checkPng(bytes: Uint8Array): Result<PngFile, PngError> {
  const file = readPngChunks(bytes);
  if (!file.ok) return file;
  const stream = pixelStream(file.value);
  if (!stream.ok) return stream;
  const shape = passes(file.value.header);
  const expected = shape.reduce((sum, pass) => sum + pass.rows * (1 + pass.bytes), 0);

  let pass = 0;
  let rowInPass = 0;
  let row = 0;
  let nextFilterAt = 0;
  let badFilter: PngError | null = null;
  const error = unzlibTo(stream.value, expected, (piece, at) => {
    for (; nextFilterAt < at + piece.length; row++) {
      const filter = piece[nextFilterAt - at];
      if (filter > 4) badFilter ??= { kind: "BadFilter", row, filter };
      nextFilterAt += 1 + shape[pass].bytes;
      if (++rowInPass === shape[pass].rows) {
        rowInPass = 0;
        pass++;
        if (pass === shape.length) nextFilterAt = Number.POSITIVE_INFINITY;
      }
    }
  });
  if (error) return fail({ kind: "PixelsDamaged", error });
  return badFilter ? fail(badFilter) : file;
}

/** The joined IDAT chunks, after the order of chunks was checked. */
function pixelStream({ header, chunks }: PngFile): Result<Uint8Array, PngError> {
  const parts: Uint8Array[] = [];
  let palette: PngChunk | null = null;
  let previous = "";
  for (const { type, data } of chunks) {
    if (type === "PLTE") {
      if (palette || parts.length > 0)
        return fail({ kind: "ChunkOrder", chunk: type, detail: "comes twice or after the pixels" });
      if (data.length === 0 || data.length % 3 !== 0 || data.length > 768)
        return fail({ kind: "BadPalette", bytes: data.length });
      palette = { type, data };
    } else if (type === "IDAT") {
      if (parts.length > 0 && previous !== "IDAT")
        return fail({ kind: "ChunkOrder", chunk: type, detail: "is interrupted" });
      parts.push(data);
    } else if (type[0] < "a" && type !== "IHDR" && type !== "IEND")
      return fail({ kind: "UnknownCriticalChunk", chunk: type });
    previous = type;
  }
  if (parts.length === 0) return fail({ kind: "ChunkOrder", chunk: "IDAT", detail: "is missing" });
  if (header.colourType === 3 && !palette) return fail({ kind: "BadPalette", bytes: 0 });
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return ok(joined);
}

/** Pixels of an 8-bit PNG that is not interlaced; anything else is refused as `NotDecoded`. Total: never throws.
 *  Takes width × height × 8 bytes at most, after the limits on pixels. */
export function decodePng(bytes: Uint8Array): Result<DecodedPng, PngError> {
  const file = checkPng(bytes);
  if (!file.ok) return file;
  const { header, chunks } = file.value;
  if (header.bitDepth !== 8) return fail({ kind: "NotDecoded", detail: `${header.bitDepth}-bit samples` });
  if (header.interlaced) return fail({ kind: "NotDecoded", detail: "interlaced pixels" });
  const stream = pixelStream(file.value);
  if (!stream.ok) return stream;

  const { width, height, colourType } = header;
  const stride = rowBytes(header, width);
  const filtered = new Uint8Array(height * (1 + stride));
  const error = unzlibTo(stream.value, filtered.length, (piece, at) => filtered.set(piece, at));
  if (error) return fail({ kind: "PixelsDamaged", error });
  const pixels = unfilter(filtered, height, stride, samples[colourType]);

  const palette = chunks.find((c) => c.type === "PLTE")?.data ?? new Uint8Array();
  const paletteAlpha = chunks.find((c) => c.type === "tRNS")?.data ?? new Uint8Array();
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const at = i * samples[colourType];
    const value = pixels[at];
    if (colourType === 3)
      rgba.set(
        [palette[3 * value], palette[3 * value + 1], palette[3 * value + 2], paletteAlpha[value] ?? 255],
        4 * i,
      );
    else if (colourType === 0 || colourType === 4)
      rgba.set([value, value, value, colourType === 4 ? pixels[at + 1] : 255], 4 * i);
    else rgba.set([value, pixels[at + 1], pixels[at + 2], colourType === 6 ? pixels[at + 3] : 255], 4 * i);
  }
  return ok({ width, height, rgba });
}

/** Undoes the row filters; `distance` is the bytes of a pixel. W3C PNG §9.2. */
function unfilter(filtered: Uint8Array, height: number, stride: number, distance: number): Uint8Array {
  const out = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const from = y * (1 + stride);
    const to = y * stride;
    const filter = filtered[from];
    for (let x = 0; x < stride; x++) {
      const left = x >= distance ? out[to + x - distance] : 0;
      const up = y > 0 ? out[to + x - stride] : 0;
      const upLeft = x >= distance && y > 0 ? out[to + x - stride - distance] : 0;
      out[to + x] = filtered[from + 1 + x] + [0, left, up, (left + up) >> 1, paeth(left, up, upLeft)][filter];
    }
  }
  return out;
}

/** Whichever of the three neighbours is nearest to left + up − upLeft, in that order. W3C PNG §9.4. */
export function paeth(left: number, up: number, upLeft: number): number {
  const guess = left + up - upLeft;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)];
  return a <= b && a <= c ? left : b <= c ? up : upLeft;
}
