import { MAX_SIDE } from "#images/limits.ts";

/** What an import takes; said in the page before it begins. */
export const IMPORT_LIMITS = {
  files: 20_000,
  fileBytes: 50e6,
  /** 50 × 2²⁰: a 50-megapixel camera's pictures pass. Decoding one takes 4 bytes a pixel, 210 MB. */
  pixels: 50 * 2 ** 20,
  side: MAX_SIDE,
  /** Longer side by shorter side: of what is longer, a square shows too little. */
  ratio: 4,
  classes: 1000,
  /** Characters of a data set's name. */
  name: 100,
  /** An archive may unpack to so many times its size and to `archiveBytes` in any case: pictures hardly shrink, drawings
   *  in BMP do fiftyfold, a bomb a thousandfold. */
  archiveGrowth: 100,
  archiveBytes: 16 * 2 ** 20,
  /** Of an archive's directory: 20,000 entries with names of 400 characters. */
  directoryBytes: 16 * 2 ** 20,
} as const;

/** The shorter side that a picture needs: it is enlarged twofold at most. */
export const leastSide = (imageSize: number): number => imageSize / 2;
