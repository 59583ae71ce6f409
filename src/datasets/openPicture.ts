import type { Result } from "#bytes/result.ts";
import type { CheckedImage } from "#images/checkImage.ts";
import type { Size } from "#images/limits.ts";
import type { Refusal } from "./refusal.ts";

/** A decoded picture, the right way up, whose pixels are looked at a strip at a time: opaque RGBA, what was transparent on
 *  white. */
export interface OpenPicture extends Size {
  /** Pixels of columns left … left + width − 1 and rows top … top + height − 1. Lent until the next call. */
  strip(left: number, top: number, width: number, height: number): Uint8Array;
  /** The whole picture, shrunk so that its longer side has `longest` pixels, or as it is when it has fewer. */
  thumbnail(longest: number): Size & { readonly rgba: Uint8Array<ArrayBuffer> };
  /** Gives the memory back. */
  close(): void;
}

/** Decodes bytes that were checked. Answers Broken or NotDecodedHere; never rejects. */
export type Decode = (
  bytes: Uint8Array<ArrayBuffer>,
  image: CheckedImage,
) => Promise<Result<OpenPicture, Refusal>>;
