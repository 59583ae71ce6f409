/** What a picture may ask for before anything is decoded: a 50-megapixel photograph passes, a bomb does not. */
export const MAX_PIXELS = 64 * 2 ** 20;
/** The longest side that every browser's canvas takes. */
export const MAX_SIDE = 16384;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const withinLimits = ({ width, height }: Size): boolean =>
  width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS;
