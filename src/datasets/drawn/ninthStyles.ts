/** A DiceBear style that no shipped model has seen: it is drawn in this browser, and a model can learn it here. */
export interface NinthStyle {
  readonly name: NinthStyleName;
  /** The npm package that holds the drawing. */
  readonly package: string;
  readonly title: string;
  readonly artist: string;
  readonly licence: string;
  readonly licenceUrl: string;
  readonly source: string;
  readonly homepage: string;
}

export type NinthStyleName = "bigEars" | "miniavs" | "pixelArt";

const CC_BY = { licence: "CC BY 4.0", licenceUrl: "https://creativecommons.org/licenses/by/4.0/" };
const CC0 = { licence: "CC0 1.0", licenceUrl: "https://creativecommons.org/publicdomain/zero/1.0/" };

/** The credits are what the packages state; a test compares them. They stand here, apart from the drawings, so that a
 *  page can show them before it fetches anything. */
export const NINTH_STYLES: readonly NinthStyle[] = [
  {
    name: "bigEars",
    package: "@dicebear/big-ears",
    title: "Face Generator",
    artist: "The Visual Team",
    ...CC_BY,
    source: "https://www.figma.com/community/file/986078800058673824",
    homepage: "https://thevisual.team/",
  },
  {
    name: "miniavs",
    package: "@dicebear/miniavs",
    title: "Miniavs - Free Avatar Creator",
    artist: "Webpixels",
    ...CC_BY,
    source: "https://www.figma.com/community/file/923211396597067458",
    homepage: "https://webpixels.io/",
  },
  {
    name: "pixelArt",
    package: "@dicebear/pixel-art",
    title: "Pixel Art",
    artist: "DiceBear",
    ...CC0,
    source: "https://www.figma.com/community/file/1198754108850888330",
    homepage: "https://www.dicebear.com",
  },
];

/** Seed of avatar `index`, as the shipped styles' are. */
export const seedOf = (style: NinthStyleName, index: number): string => `${style}/${index}`;

/** What a first drawing fetches, compressed: the rasteriser (0.95 MB) and the largest style (0.03 MB). To be said
 *  before it is fetched; `npm run budget` weighs it. */
export const DRAWING_DOWNLOAD_BYTES = 1_000_000;

/** How many avatars a drawn data set may have. */
export const DRAWN_COUNTS = { least: 200, most: 2000, preset: 500 } as const;
