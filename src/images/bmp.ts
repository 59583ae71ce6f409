import { fail, ok, type Result } from "#bytes/result.ts";
import type { ImageError } from "./imageError.ts";
import type { Size } from "./limits.ts";

/** Reads a BMP's size and checks that its pixels are there, without decoding: all rows of an uncompressed one, the
 *  declared bytes of others. Total: returns for every byte string, never throws, allocates nothing.
 *  Source: BITMAPFILEHEADER, BITMAPCOREHEADER and BITMAPINFOHEADER of the Windows SDK. */
export function checkBmp(bytes: Uint8Array): Result<Size, ImageError> {
  const damaged = (at: number, detail: string) =>
    fail<ImageError>({ kind: "ImageDamaged", format: "BMP", at, detail });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = bytes.length < 18 ? 0 : view.getUint32(14, true);
  if (headerBytes === 0 || bytes.length < 14 + headerBytes)
    return fail({ kind: "ImageTruncated", format: "BMP", at: bytes.length, fileBytes: bytes.length });
  if (headerBytes < 12) return damaged(14, `a header of ${headerBytes} bytes`);
  const isCore = headerBytes === 12;
  if (!isCore && headerBytes < 40) return damaged(14, `a header of ${headerBytes} bytes`);
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = Math.abs(isCore ? view.getUint16(20, true) : view.getInt32(22, true)); // negative: rows from the top
  if (width <= 0 || height === 0) return damaged(18, `${width} × ${height} pixels`);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) return damaged(28, `${bits} bits a pixel`);

  const compression = isCore ? 0 : view.getUint32(30, true);
  const isPlain = compression === 0 || compression === 3 || compression === 6;
  const pixelBytes = isPlain ? Math.ceil((width * bits) / 32) * 4 * height : view.getUint32(34, true);
  const pixelsAt = view.getUint32(10, true);
  if (pixelsAt + pixelBytes > bytes.length)
    return fail({ kind: "ImageTruncated", format: "BMP", at: pixelsAt, fileBytes: bytes.length });
  return ok({ width, height });
}
