import { fail, ok, type Result } from "#bytes/result.ts";
import type { ImageError } from "./imageError.ts";
import type { Size } from "./limits.ts";

interface Box {
  readonly type: string;
  /** Where its content begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** Reads the size of an AVIF or HEIC picture from its boxes, the largest that any item declares, without decoding. Total:
 *  returns for every byte string, never throws; looks at no more than four levels of boxes.
 *  Source: ISO/IEC 14496-12 §4.2, ISO/IEC 23008-12 §6.5.3 (ispe). */
export function checkHeif(bytes: Uint8Array): Result<Size, ImageError> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const top = boxesIn(view, 0, bytes.length);
  if (!top.ok) return top;
  if (!top.value.some(({ type }) => type === "mdat"))
    return fail({ kind: "NoPicture", format: "AVIF or HEIC", detail: "no pixels" });
  const meta = top.value.find(({ type }) => type === "meta");
  const found = meta && descend(view, { ...meta, from: meta.from + 4 }, ["iprp", "ipco"]); // meta has version and flags
  if (!found) return fail({ kind: "NoPicture", format: "AVIF or HEIC", detail: "no properties of items" });
  if (!found.ok) return found;
  const properties = boxesIn(view, found.value.from, found.value.to);
  if (!properties.ok) return properties;
  const sizes = properties.value
    .filter(({ type, from, to }) => type === "ispe" && to - from >= 12)
    .map(({ from }) => ({ width: view.getUint32(from + 4), height: view.getUint32(from + 8) }));
  const largest = sizes.sort((a, b) => b.width * b.height - a.width * a.height)[0];
  if (!largest || largest.width === 0 || largest.height === 0)
    return fail({ kind: "NoPicture", format: "AVIF or HEIC", detail: "no size" });
  return ok(largest);
}

/** The box at the end of a path of types, each inside the one before. */
function descend(view: DataView, start: Box, path: readonly string[]): Result<Box, ImageError> | null {
  let box = start;
  for (const wanted of path) {
    const inside = boxesIn(view, box.from, box.to);
    if (!inside.ok) return inside;
    const next = inside.value.find(({ type }) => type === wanted);
    if (!next) return null;
    box = next;
  }
  return ok(box);
}

/** The boxes that lie side by side from byte `from` to `to`. */
function boxesIn(view: DataView, from: number, to: number): Result<Box[], ImageError> {
  const boxes: Box[] = [];
  for (let at = from; at < to; ) {
    if (at + 8 > to) return truncated(view, at);
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
    const short = view.getUint32(at);
    if (short === 1 && at + 16 > to) return truncated(view, at);
    // 0: to the end of the file; 1: the length is in 64 bits.
    const length =
      short === 0
        ? to - at
        : short === 1
          ? view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12)
          : short;
    const head = short === 1 ? 16 : 8;
    if (length < head)
      return fail({ kind: "ImageDamaged", format: "AVIF or HEIC", at, detail: `a box of ${length} bytes` });
    if (at + length > to) return truncated(view, at);
    boxes.push({ type, from: at + head, to: at + length });
    at += length;
  }
  return ok(boxes);
}

const truncated = (view: DataView, at: number) =>
  fail<ImageError>({ kind: "ImageTruncated", format: "AVIF or HEIC", at, fileBytes: view.byteLength });
