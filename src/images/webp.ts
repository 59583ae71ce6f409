import { fail, ok, type Result } from "#bytes/result.ts";
import type { ImageError } from "./imageError.ts";
import type { Size } from "./limits.ts";

/** Walks through a WebP's chunks and reads its size, without decoding. Bytes after the container are left alone.
 *  Total: returns for every byte string, never throws, allocates nothing. Source: RFC 9649 §2.3–2.7, RFC 6386 §9.1. */
export function checkWebp(bytes: Uint8Array): Result<Size, ImageError> {
  const truncated = (at: number) =>
    fail<ImageError>({ kind: "ImageTruncated", format: "WebP", at, fileBytes: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 20) return truncated(bytes.length);
  if (text(0) !== "RIFF" || text(8) !== "WEBP")
    return fail({ kind: "ImageDamaged", format: "WebP", at: 0, detail: "no RIFF container" });
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) return truncated(bytes.length);

  let size: Size | null = null;
  let pictures = 0;
  for (let at = 12; at + 8 <= end; ) {
    const length = view.getUint32(at + 4, true);
    if (at + 8 + length > end) return truncated(at);
    const chunk = readChunk(text(at), view, at + 8, length);
    if (!chunk.ok) return chunk;
    size ??= chunk.value.size;
    if (chunk.value.isPicture) pictures++;
    at += 8 + length + (length & 1);
  }
  if (!size || pictures === 0)
    return fail({ kind: "NoPicture", format: "WebP", detail: "no chunk with pixels" });
  return ok(size);
}

function readChunk(
  type: string,
  view: DataView,
  at: number,
  length: number,
): Result<{ size: Size | null; isPicture: boolean }, ImageError> {
  const damaged = (detail: string) => fail<ImageError>({ kind: "ImageDamaged", format: "WebP", at, detail });
  switch (type) {
    case "VP8X": {
      if (length < 10) return damaged("a header too short");
      const size = { width: 1 + uint24(view, at + 4), height: 1 + uint24(view, at + 7) };
      return ok({ size, isPicture: false });
    }
    case "VP8L": {
      if (length < 5 || view.getUint8(at) !== 0x2f) return damaged("no lossless header");
      const bits = view.getUint32(at + 1, true);
      return ok({
        size: { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) },
        isPicture: true,
      });
    }
    case "VP8 ": {
      if (length < 10 || uint24(view, at + 3) !== 0x2a019d) return damaged("no lossy header");
      const size = {
        width: view.getUint16(at + 6, true) & 0x3fff,
        height: view.getUint16(at + 8, true) & 0x3fff,
      };
      if (size.width === 0 || size.height === 0) return damaged(`${size.width} × ${size.height} pixels`);
      return ok({ size, isPicture: true });
    }
    case "ANMF":
      return ok({ size: null, isPicture: true });
    default:
      return ok({ size: null, isPicture: false });
  }
}

const uint24 = (view: DataView, at: number): number =>
  view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
