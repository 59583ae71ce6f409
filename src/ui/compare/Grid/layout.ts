/** What has to be placed, and the room for it. Lengths are CSS pixels. */
export interface GridRequest {
  readonly columns: number;
  readonly rows: number;
  /** Side of the picture in its own pixels. */
  readonly image: number;
  /** Device pixels a CSS pixel. */
  readonly density: number;
  readonly width: number;
  readonly height: number;
  /** Room beside the pictures for the names of rows and for the figures at the margin. */
  readonly aside: number;
  /** Enlargement that the reader chose; null lets the room decide. */
  readonly zoom: number | null;
}

export interface GridLayout {
  /** Side of a picture on the screen. */
  readonly side: number;
  readonly zoom: number;
  /** Every pixel of a picture covers the same whole number of device pixels. */
  readonly even: boolean;
}

export const GAP = 6;
/** Line of figures under a picture with the bar above it. */
export const CAPTION = 24;
/** Line of names above the columns, with room for the frame of a picture below it. */
export const HEAD = 36;

/** Enlargements on offer. */
export const ZOOMS = [1, 1.5, 2, 2.5, 3, 4] as const;
/** A picture that is smaller cannot be judged; then the grid scrolls. */
const SMALLEST_SIDE = 88;

export const pitchOf = (side: number) => ({ x: side + GAP, y: side + CAPTION + GAP });

/** Side of the pictures: as large as the width allows, and as the height does while they stay large enough to be judged. */
export function gridLayout(request: GridRequest): GridLayout {
  const { columns, rows, image, density, width, height, aside, zoom } = request;
  const fits = (candidate: number) => {
    const pitch = pitchOf(candidate * image);
    const inWidth = aside + columns * pitch.x <= width;
    const inHeight = HEAD + rows * pitch.y <= height;
    return { inWidth, both: inWidth && inHeight };
  };
  const chosen = () => {
    if (zoom !== null) return zoom;
    const large = ZOOMS.filter((one) => one * image >= SMALLEST_SIDE);
    const whole = large.findLast((one) => fits(one).both);
    const acrossWide = large.find((one) => fits(one).inWidth);
    return whole ?? acrossWide ?? ZOOMS.findLast((one) => fits(one).inWidth) ?? ZOOMS[0];
  };
  const taken = chosen();
  return { side: taken * image, zoom: taken, even: Number.isInteger(taken * density) };
}

/** Places first … last−1 of a row of equal ones. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Places of `count`, each `pitch` long from `start` on, that lie between `from` and `to`, and `spare` more on either side.
 *  Nothing is in sight: an empty span. */
export function spanInSight(
  { from, to }: { readonly from: number; readonly to: number },
  { start, pitch, count }: { readonly start: number; readonly pitch: number; readonly count: number },
  spare: number,
): Span {
  const end = start + count * pitch;
  if (to <= start - spare * pitch || from >= end + spare * pitch) return { first: 0, last: 0 };
  const first = Math.max(0, Math.floor((from - start) / pitch) - spare);
  return { first, last: Math.max(first, Math.min(count, Math.ceil((to - start) / pitch) + spare)) };
}

/** Least width of the names, and where the title of figures below the columns stands under them. */
const LEAST_NAMES = 52;
const LEAST_TITLE = 66;

/** Width that names beside the rows take: by the longest, within limits. */
export function namesWidth(names: readonly string[], titled: boolean): number {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  return Math.min(132, Math.max(titled ? LEAST_TITLE : LEAST_NAMES, Math.ceil(longest * 7.1) + 16));
}
