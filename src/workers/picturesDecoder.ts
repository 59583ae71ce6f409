import { fail, ok } from "#bytes/result.ts";
import { IMPORT_LIMITS } from "#datasets/limits.ts";
import type { Decode, OpenPicture } from "#datasets/openPicture.ts";
import type { CheckedImage } from "#images/checkImage.ts";

/** Pixels of the canvas through which pictures are read: strips of 4 MiB. */
interface Glass {
  /** `side` × `rows` pixels of a picture; the canvas grows to what was asked and stays. */
  read(
    bitmap: ImageBitmap,
    from: readonly [left: number, top: number, width: number, height: number],
    to: readonly [width: number, height: number],
  ): Uint8Array<ArrayBuffer>;
}

/** The browser's own decoders: pictures the right way up by their orientation, in sRGB, what is transparent on white, the
 *  first of several frames. */
export function browserDecoder(): Decode {
  const glass = createGlass();
  return async (bytes, image) => {
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(new Blob([bytes], { type: `image/${image.kind}` }), {
        imageOrientation: "from-image",
      });
    } catch (cause) {
      return fail(refusalOf(image, cause));
    }
    const { width, height } = bitmap;
    if (width * height > IMPORT_LIMITS.pixels) {
      bitmap.close();
      return fail({
        kind: "Broken",
        detail: `The header says ${image.width} × ${image.height} pixels, and there are ${width} × ${height}.`,
      });
    }
    return ok(opened(bitmap, glass));
  };
}

/** HEIC is read by few browsers, and AVIF not by all: there it is no fault of the file. */
function refusalOf({ kind }: CheckedImage, cause: unknown) {
  const detail = cause instanceof Error ? cause.message || cause.name : String(cause);
  return kind === "heic" || kind === "avif" || kind === "tiff"
    ? ({ kind: "NotDecodedHere", fileKind: kind, detail } as const)
    : ({ kind: "Broken", detail: `The browser could not decode it (${detail}).` } as const);
}

function opened(bitmap: ImageBitmap, glass: Glass): OpenPicture {
  const { width, height } = bitmap;
  return {
    width,
    height,
    strip: (left, top, columns, rows) => glass.read(bitmap, [left, top, columns, rows], [columns, rows]),
    thumbnail(longest) {
      const scale = Math.min(1, longest / Math.max(width, height));
      const size = [width, height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
      return { width: size[0], height: size[1], rgba: glass.read(bitmap, [0, 0, width, height], size) };
    },
    close: () => bitmap.close(),
  };
}

function createGlass(): Glass {
  let context: OffscreenCanvasRenderingContext2D | null = null;

  /** A canvas of at least this size, in the processor's memory, where its pixels are wanted. */
  function canvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
    if (context && context.canvas.width >= width && context.canvas.height >= height) return context;
    context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("This browser has no 2-D canvas in workers.");
    return context;
  }

  return {
    read(bitmap, [left, top, fromWidth, fromHeight], [width, height]) {
      const on = canvas(width, height);
      on.imageSmoothingEnabled = fromWidth !== width || fromHeight !== height; // copies stay copies
      on.imageSmoothingQuality = "medium";
      on.fillStyle = "white";
      on.fillRect(0, 0, width, height);
      on.drawImage(bitmap, left, top, fromWidth, fromHeight, 0, 0, width, height);
      return new Uint8Array(on.getImageData(0, 0, width, height).data.buffer);
    },
  };
}
