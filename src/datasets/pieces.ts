/** Bytes that are read and written at once. */
export const PIECE_BYTES = 4 * 2 ** 20;

/** File of piece `n` in a folder. */
export const piece = (folder: string, n: number): string => `${folder}/${String(n).padStart(5, "0")}`;

export const imageBytes = (imageSize: number): number => 3 * imageSize * imageSize;

/** Images that a piece holds, so that image i is in piece ⌊i / n⌋ at place i mod n. */
export const imagesAPiece = (imageSize: number): number =>
  Math.max(1, Math.floor(PIECE_BYTES / imageBytes(imageSize)));
