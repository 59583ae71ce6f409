/** How far an import or a drawing is. */
export interface ImportCounts {
  /** Files that were looked at, of all there are; they are `accepted` or `refused`. */
  readonly done: number;
  readonly of: number;
  readonly accepted: number;
  readonly refused: number;
}

/** An image of the data set that has just come about. */
export interface NewImage {
  readonly name: string;
  /** RGB, imageSize × imageSize × 3 bytes; only lent. */
  readonly rgb: Uint8Array;
}

/** Called after each file; `image` is what it became, null when it was refused. */
export type OnImportProgress = (counts: ImportCounts, image: NewImage | null) => void;

/** The same for eyes: now and then, with what came last. */
export interface ImportProgress extends ImportCounts {
  /** Up to SHOWN images that came since the last report, the newest last. */
  readonly latest: readonly LatestImage[];
}

export interface LatestImage {
  readonly name: string;
  /** Width and height in pixels. */
  readonly size: number;
  /** RGBA bytes. */
  readonly rgba: ArrayBuffer;
}

export const SHOWN = 4;

/** An image as a canvas takes it. */
export function toLatest({ name, rgb }: NewImage, size: number): LatestImage {
  const rgba = new Uint8Array(4 * size * size).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4)
    rgba.set(rgb.subarray(from, from + 3), to);
  return { name, size, rgba: rgba.buffer };
}
