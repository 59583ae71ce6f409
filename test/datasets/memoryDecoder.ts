import { fail, ok } from "#bytes/result.ts";
import { averageByArea } from "#datasets/averageByArea.ts";
import type { Decode, OpenPicture } from "#datasets/openPicture.ts";
import { decodePng } from "#images/pngPixels.ts";

/** Decodes 8-bit PNGs in plain arithmetic, as a browser does others; whatever is transparent lies on white. `open` counts
 *  the pictures that are not closed, `most` those that were open at once. */
export function memoryDecoder(): Decode & { open: number; most: number; decoded: number } {
  const decode: Decode = async (bytes, image) => {
    if (image.kind !== "png")
      return fail({ kind: "NotDecodedHere", fileKind: image.kind, detail: "only PNG in memory" });
    const png = decodePng(bytes);
    if (!png.ok) return fail({ kind: "Broken", detail: `${png.error.kind}.` });
    counts.open++;
    counts.decoded++;
    counts.most = Math.max(counts.most, counts.open);
    return ok(inMemory(png.value.width, png.value.height, png.value.rgba, () => counts.open--));
  };
  const counts = Object.assign(decode, { open: 0, most: 0, decoded: 0 });
  return counts;
}

function inMemory(width: number, height: number, rgba: Uint8Array, onClose: () => void): OpenPicture {
  const opaque = Uint8Array.from(rgba);
  for (let at = 0; at < opaque.length; at += 4) {
    const alpha = opaque[at + 3]!;
    for (let c = at; c < at + 3; c++)
      opaque[c] = Math.round((opaque[c]! * alpha + 255 * (255 - alpha)) / 255);
    opaque[at + 3] = 255;
  }
  const strip = (left: number, top: number, columns: number, rows: number): Uint8Array => {
    const out = new Uint8Array(4 * columns * rows);
    for (let y = 0; y < rows; y++) {
      const from = 4 * ((top + y) * width + left);
      out.set(opaque.subarray(from, from + 4 * columns), 4 * y * columns);
    }
    return out;
  };
  return {
    width,
    height,
    strip,
    thumbnail(longest) {
      const factor = Math.max(1, Math.ceil(Math.max(width, height) / longest));
      const [columns, rows] = [Math.floor(width / factor), Math.floor(height / factor)];
      const out = new Uint8Array(4 * columns * rows).fill(255);
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++) {
          const block = strip(x * factor, y * factor, factor, factor);
          const square = { left: 0, top: 0, side: factor };
          out.set(
            averageByArea({ width: factor, height: factor, rgba: block }, square, 1),
            4 * (y * columns + x),
          );
        }
      return { width: columns, height: rows, rgba: out };
    },
    close: onClose,
  };
}
