import { fail, ok, type Result } from "#bytes/result.ts";
import { sniffKind } from "./kind.ts";
import { MAX_PIXELS, type Size, withinLimits } from "./limits.ts";

export type JpegError =
  | { kind: "NotJpeg" }
  | { kind: "JpegTruncated"; at: number; fileBytes: number }
  | { kind: "BadMarker"; at: number; byte: number }
  | { kind: "BadSegment"; marker: number; at: number; detail: string }
  | { kind: "TooManyPixels"; width: number; height: number; limit: number }
  | { kind: "UnsupportedJpeg"; marker: number }
  | { kind: "NoImage"; detail: string }
  | { kind: "ScanTooShort"; scanBytes: number; pixels: number };

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Fewer than one bit an 8 × 8 block cannot code a picture: the first scan has a DC code of at least a bit for each. */
const mostPixelsAByte = 512;

/** Walks through a JPEG from SOI to EOI and reads its size, without decoding. Accepts what browsers show: baseline,
 *  extended and progressive Huffman of 8 bits with 1, 3 or 4 components; bytes after EOI are left alone.
 *  Total: returns for every byte string, never throws, allocates nothing. Source: ITU-T T.81 annex B. */
export function checkJpeg(bytes: Uint8Array): Result<Size, JpegError> {
  if (sniffKind(bytes) !== "jpeg") return fail({ kind: "NotJpeg" });
  const truncated = (at: number) => fail<JpegError>({ kind: "JpegTruncated", at, fileBytes: bytes.length });
  let size: Size | null = null;
  let scanBytes = 0;
  for (let at = 2; ; ) {
    if (at >= bytes.length) return truncated(at);
    if (bytes[at] !== 0xff) return fail({ kind: "BadMarker", at, byte: bytes[at] });
    while (bytes[at] === 0xff) at++; // any number of fill bytes may stand before a marker
    if (at >= bytes.length) return truncated(at);
    const marker = bytes[at++];
    if (marker === EOI) break;
    if (marker === 0 || marker === SOI || (marker >= 0xd0 && marker <= 0xd7))
      return fail({ kind: "BadMarker", at: at - 1, byte: marker });
    if (marker === 1) continue; // TEM stands alone

    const length = (bytes[at] << 8) | bytes[at + 1];
    if (at + 2 > bytes.length || at + length > bytes.length) return truncated(at);
    if (length < 2) return fail({ kind: "BadSegment", marker, at, detail: `a length of ${length}` });
    const segment = bytes.subarray(at + 2, at + length);
    at += length;
    if (isFrame(marker)) {
      if (size) return fail({ kind: "BadSegment", marker, at, detail: "a second frame" });
      const frame = readFrame(marker, segment, at);
      if (!frame.ok) return frame;
      size = frame.value;
    } else if (marker === SOS) {
      if (!size) return fail({ kind: "NoImage", detail: "a scan without a frame" });
      const end = scanEnd(bytes, at);
      if (end < 0) return truncated(bytes.length);
      scanBytes += end - at;
      at = end;
    }
  }
  if (!size || scanBytes === 0) return fail({ kind: "NoImage", detail: size ? "no scan" : "no frame" });
  const pixels = size.width * size.height;
  if (pixels > mostPixelsAByte * scanBytes && pixels > 64)
    return fail({ kind: "ScanTooShort", scanBytes, pixels });
  return ok(size);
}

/** SOF0 … SOF15 without the three codes among them that are tables. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function readFrame(marker: number, segment: Uint8Array, at: number): Result<Size, JpegError> {
  if (marker > 0xc2) return fail({ kind: "UnsupportedJpeg", marker }); // lossless, hierarchical or arithmetic
  const [precision, heightHigh, heightLow, widthHigh, widthLow, components] = segment;
  if (segment.length < 6 || segment.length !== 6 + 3 * components || ![1, 3, 4].includes(components))
    return fail({
      kind: "BadSegment",
      marker,
      at,
      detail: `${segment.length} bytes for ${components} components`,
    });
  if (precision !== 8) return fail({ kind: "UnsupportedJpeg", marker });
  const size = { width: (widthHigh << 8) | widthLow, height: (heightHigh << 8) | heightLow };
  if (size.width === 0 || size.height === 0)
    return fail({ kind: "BadSegment", marker, at, detail: `${size.width} × ${size.height} pixels` });
  return withinLimits(size) ? ok(size) : fail({ kind: "TooManyPixels", ...size, limit: MAX_PIXELS });
}

/** Where the entropy-coded bytes from `at` on end: at the first marker that is no restart; −1 when there is none. */
function scanEnd(bytes: Uint8Array, at: number): number {
  for (let i = bytes.indexOf(0xff, at); i >= 0 && i + 1 < bytes.length; i = bytes.indexOf(0xff, i + 1)) {
    const next = bytes[i + 1];
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return i;
  }
  return -1;
}

/** One sentence about an error of this file. */
export function describeJpegError(error: JpegError): string {
  const hex = (marker: number) => `FF${marker.toString(16).toUpperCase().padStart(2, "0")}`;
  switch (error.kind) {
    case "NotJpeg":
      return "The file does not start like a JPEG.";
    case "JpegTruncated":
      return `The JPEG ends in the middle, after ${error.fileBytes} bytes.`;
    case "BadMarker":
      return `The JPEG is damaged at byte ${error.at}.`;
    case "BadSegment":
      return `The JPEG's segment ${hex(error.marker)} is impossible (${error.detail}).`;
    case "TooManyPixels":
      return `The JPEG says that it has ${error.width} × ${error.height} pixels; at most ${error.limit} are read.`;
    case "UnsupportedJpeg":
      return `This kind of JPEG (${hex(error.marker)}) is not read.`;
    case "NoImage":
      return `The JPEG holds no picture (${error.detail}).`;
    case "ScanTooShort":
      return `The JPEG's ${error.scanBytes} bytes cannot hold the ${error.pixels} pixels that it declares.`;
  }
}
