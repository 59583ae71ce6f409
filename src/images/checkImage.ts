import { fail, ok, type Result } from "#bytes/result.ts";
import { checkBmp } from "./bmp.ts";
import { checkGif } from "./gif.ts";
import { checkHeif } from "./heif.ts";
import { describeImageError } from "./imageError.ts";
import { checkJpeg, describeJpegError } from "./jpeg.ts";
import { type FileKind, sniffKind } from "./kind.ts";
import type { Size } from "./limits.ts";
import { describePngError, readPngChunks } from "./pngChunks.ts";
import { checkPng } from "./pngPixels.ts";
import { checkWebp } from "./webp.ts";

/** What a picture's bytes say before anything is decoded. */
export interface CheckedImage extends Size {
  readonly kind: PictureKind;
}

export type PictureKind = Extract<
  FileKind,
  "png" | "jpeg" | "gif" | "webp" | "bmp" | "avif" | "heic" | "tiff"
>;

export type ImageProblem =
  | { readonly kind: "NotAPicture"; readonly fileKind: FileKind }
  /** More than this library takes of any picture: see limits.ts. Callers may be stricter. */
  | { readonly kind: "TooManyPixels"; readonly width: number; readonly height: number }
  | { readonly kind: "NotRead"; readonly fileKind: FileKind; readonly detail: string }
  /** `detail` is a sentence. */
  | { readonly kind: "Broken"; readonly detail: string };

/** PNGs of more pixels are checked chunk by chunk only: inflating in JavaScript what the browser inflates anyway takes
 *  0.1 s a megapixel on a slow machine. */
const INFLATED_PIXELS = 2 ** 20;

const broken = (detail: string) => fail<ImageProblem>({ kind: "Broken", detail });

/** Kind and size of a picture by its content, whatever its name; walks through the file as far as can be done without
 *  decoding, so that a cut or damaged one is told from a whole one. Total: returns for every byte string, never throws,
 *  allocates in proportion to the file. */
export function checkImage(bytes: Uint8Array): Result<CheckedImage, ImageProblem> {
  const kind = sniffKind(bytes);
  switch (kind) {
    case "png": {
      const chunks = readPngChunks(bytes);
      const isSmall = chunks.ok && chunks.value.header.width * chunks.value.header.height <= INFLATED_PIXELS;
      const read = isSmall ? checkPng(bytes) : chunks;
      if (read.ok) return sized(kind, read.value.header);
      return read.error.kind === "TooManyPixels" ? tooMany(read.error) : broken(describePngError(read.error));
    }
    case "jpeg": {
      const read = checkJpeg(bytes);
      if (read.ok) return sized(kind, read.value);
      const { error } = read;
      if (error.kind === "TooManyPixels") return tooMany(error);
      if (error.kind === "UnsupportedJpeg")
        return fail({ kind: "NotRead", fileKind: kind, detail: describeJpegError(error) });
      return broken(describeJpegError(error));
    }
    case "gif":
    case "webp":
    case "bmp":
    case "avif":
    case "heic": {
      const check = { gif: checkGif, webp: checkWebp, bmp: checkBmp, avif: checkHeif, heic: checkHeif }[kind];
      const read = check(bytes);
      return read.ok ? sized(kind, read.value) : broken(describeImageError(read.error));
    }
    case "tiff":
      return fail({ kind: "NotRead", fileKind: kind, detail: "TIFF is for editing and printing" });
    default:
      return fail({ kind: "NotAPicture", fileKind: kind });
  }
}

const sized = (kind: PictureKind, { width, height }: Size) => ok<CheckedImage>({ kind, width, height });
const tooMany = ({ width, height }: Size) => fail<ImageProblem>({ kind: "TooManyPixels", width, height });
