/** The room there is, in CSS pixels, and what has to go into it. */
export interface GridRequest {
  readonly cells: number;
  /** Columns that the content itself has (three models); null lets the room decide. */
  readonly columns: number | null;
  readonly width: number;
  readonly height: number;
  /** Side of the picture in its own pixels. */
  readonly image: number;
  /** Device pixels a CSS pixel: pictures are enlarged by whole device pixels. */
  readonly density: number;
}

export interface GridLayout {
  readonly columns: number;
  /** Side of a picture on the screen, CSS pixels. */
  readonly side: number;
  /** Enlargement is a whole number of device pixels, so every picture pixel is the same size. */
  readonly even: boolean;
}

export const GAP = 12;
/** Line of words and buttons under each picture. */
export const CAPTION = 46;
/** Rows of three models that can be compared without scrolling. */
const ROWS_IN_SIGHT = 2;
/** Smaller pictures cannot be judged; then the page scrolls instead. */
const SMALLEST_SIDE = 124;
const LARGEST_SIDE = 640;

/** How the words under a picture are set: one line; two lines beside or above all buttons; or, under very small pictures
 *  of three models, words above buttons. */
export type CaptionLook = "line" | "wide" | "tall" | "short";

/** Width that two lines beside five buttons take. */
const WIDE_SIDE = 380;
/** Width that five buttons and a line of facts take, one above the other. */
const TALL_SIDE = 300;
/** Width that the name of a model beside two buttons takes. */
const MODEL_SIDE = 190;

export function captionLook(side: number, byModel: boolean): CaptionLook {
  if (side >= WIDE_SIDE) return "wide";
  if (side >= TALL_SIDE && !byModel) return "tall";
  return byModel && side < MODEL_SIDE ? "short" : "line";
}

const roomFor = (length: number, count: number) => (length - GAP * (count - 1)) / count;

/** Side of the largest even enlargement that fits into `room`; an uneven one where that would waste a quarter. */
function sideWithin(room: number, image: number, density: number): Pick<GridLayout, "side" | "even"> {
  const limit = Math.max(1, Math.min(room, LARGEST_SIDE));
  const zoom = Math.floor((limit * density) / image) / density;
  const side = zoom * image;
  return side > 0.75 * limit && side >= SMALLEST_SIDE
    ? { side, even: true }
    : { side: Math.floor(limit), even: false };
}

/** Columns and picture size: as large as the room lets all cells be; when that is too small, as many columns as
 *  SMALLEST_SIDE allows, and the page scrolls. */
export function gridLayout({ cells, columns, width, height, image, density }: GridRequest): GridLayout {
  /** Side with `count` columns when at most `inSight` rows have to fit into the height; 0: none has to. */
  const side = (count: number, inSight: number) => {
    const rows = Math.min(inSight, Math.ceil(cells / count));
    const across = roomFor(width, count);
    return sideWithin(
      rows === 0 ? across : Math.min(across, roomFor(height, rows) - CAPTION),
      image,
      density,
    );
  };
  if (columns !== null) {
    const fits = side(columns, ROWS_IN_SIGHT);
    return { columns, ...(fits.side >= SMALLEST_SIDE ? fits : side(columns, 0)) };
  }
  const choices = Array.from({ length: cells }, (_, i) => ({ columns: i + 1, ...side(i + 1, cells) }));
  const best = choices.reduce((a, b) => (b.side > a.side ? b : a));
  if (best.side >= SMALLEST_SIDE) return best;
  const most = Math.max(1, Math.min(cells, Math.floor((width + GAP) / (SMALLEST_SIDE + GAP))));
  return { columns: most, ...side(most, 0) };
}
