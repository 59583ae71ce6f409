import { fail, ok, type Result } from "#bytes/result.ts";
import type { ImageError } from "./imageError.ts";
import type { Size } from "./limits.ts";

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/** Bytes of a colour table that the flags in `packed` announce. GIF89a §18. */
const tableBytes = (packed: number): number => (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0);

/** Walks through a GIF from header to trailer and reads its size, without decoding. A missing trailer is let pass, as
 *  browsers do, once a picture is whole. Total: returns for every byte string, never throws, allocates nothing.
 *  Source: GIF89a. */
export function checkGif(bytes: Uint8Array): Result<Size, ImageError> {
  const truncated = (at: number) =>
    fail<ImageError>({ kind: "ImageTruncated", format: "GIF", at, fileBytes: bytes.length });
  const damaged = (at: number, detail: string) =>
    fail<ImageError>({ kind: "ImageDamaged", format: "GIF", at, detail });
  if (bytes.length < 13) return truncated(bytes.length);
  const version = String.fromCharCode(...bytes.subarray(0, 6));
  if (version !== "GIF87a" && version !== "GIF89a") return damaged(0, "no version that exists");
  const size = { width: bytes[6] | (bytes[7] << 8), height: bytes[8] | (bytes[9] << 8) };
  if (size.width === 0 || size.height === 0) return damaged(6, `${size.width} × ${size.height} pixels`);

  let pictures = 0;
  for (let at = 13 + tableBytes(bytes[10]); at < bytes.length; ) {
    const block = bytes[at];
    if (block === TRAILER) break;
    if (block !== EXTENSION && block !== IMAGE)
      return pictures > 0 ? ok(size) : damaged(at, `a block of kind ${block}`);
    // An extension has its label; a picture its place and size, its colours, and the first code's length.
    const start = block === EXTENSION ? at + 2 : at + 11 + tableBytes(bytes[at + 9] ?? 0);
    const end = blocksEnd(bytes, start);
    if (end < 0) return pictures > 0 ? ok(size) : truncated(bytes.length);
    if (block === IMAGE) pictures++;
    at = end;
  }
  return pictures > 0 ? ok(size) : fail({ kind: "NoPicture", format: "GIF", detail: "no image block" });
}

/** Where a chain of sub-blocks ends, after its terminator; −1 when the file ends first. */
function blocksEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at];
  return at < bytes.length ? at + 1 : -1;
}
