/** How every avatar is drawn: the shipped data set's by scripts/dataset, the ninth style's in the page. */

/** The size that the SVG is asked for, and rasterised at; smaller images are means of this one. */
export const DRAWN_SIZE = 128;

/** DiceBear's own pastel set; every style draws one of them behind the head. */
export const BACKGROUNDS = ["b6e3f4", "c0aede", "d1d4f9", "ffd5dc", "ffdfbf"] as const;

/** The styles hold no text; looking for fonts costs time and differs by machine. */
export const RASTER_OPTIONS = {
  fitTo: { mode: "width", value: DRAWN_SIZE },
  background: "white",
  font: { loadSystemFonts: false },
} as const;
