import { choiceOf, hasSwitch } from "#checkpoints/modelText.ts";
import type { Axis } from "#compare/axis.ts";
import { axesOf, cellAt } from "#compare/grid.ts";
import type { ComparisonSettings, Place } from "#compare/settings.ts";
import { cellNames, modelWords, valueWords } from "#compare/words.ts";
import { SOLVERS } from "#flow/solvers/names.ts";
import type { Pixels } from "../../pixels.ts";
import type { Comparison } from "../comparison.ts";
import { printCompareHash } from "../hash.ts";
import { pictureAt } from "../pictureSettings.ts";

/** A page of pictures with words, in pixels from the upper left corner, for whoever can draw. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly pictures: readonly SheetPicture[];
  readonly frames: readonly SheetFrame[];
  readonly texts: readonly SheetText[];
}

/** Pixels at `scale` times their size, a whole number, so that each stays a sharp square. */
export interface SheetPicture {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly pixels: Pixels;
}

export interface SheetFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Of the line; null: no line. */
  readonly stroke: string | null;
  readonly fill: string | null;
  readonly lineWidth: number;
}

export interface SheetText {
  readonly text: string;
  readonly x: number;
  /** Of the base line. */
  readonly y: number;
  readonly size: number;
  readonly bold: boolean;
  readonly colour: string;
  readonly align: "left" | "center" | "right";
  /** The words are drawn narrower where they would be longer. */
  readonly maxWidth: number;
}

const PAPER = "#ffffff";
const INK = "#17181c";
const SOFT = "#575c67";
const EMPTY = "#efefeb";
const ACCENT = "#4347c9";

const MARGIN = 24;
const GAP = 6;
const TITLE = 20;
const SMALL = 12;
const LINE = 18;
const ROW_LABEL = 150;
const FIGURES = 96;
/** A character of a link is no wider, in any of the usual fonts at this size. */
const CHARACTER = 6.8;

/** Width that all columns together should have; pictures are enlarged by whole numbers up to it. */
const WIDTH = 900;
const LARGEST_SCALE = 3;

/** What is the same for every cell: "micah · coarse-to-fine · 60 steps · Euler · guidance 1.5". */
export function fixedWords(settings: ComparisonSettings): string {
  const { fixed } = settings;
  const changes = new Set<string>(axesOf(settings).map(({ name }) => name));
  const said = [
    changes.has("seed") ? "" : `seed ${fixed.seed}`,
    changes.has("class") ? "" : fixed.className,
    changes.has("model") || (changes.has("variant") && choiceOf(fixed.model) === "light")
      ? ""
      : modelWords(fixed.model),
    changes.has("tau") || !hasSwitch(fixed.model) ? "" : `τ ${fixed.tau}`,
    changes.has("steps") ? "" : `${fixed.steps} steps`,
    changes.has("solver") ? "" : SOLVERS[fixed.solver].label,
    changes.has("guidance") ? "" : `guidance ${fixed.guidance}`,
  ];
  return said.filter((one) => one !== "").join(" · ");
}

const figure = (value: number, digits = 3) => value.toFixed(digits).replace("-", "−");

/** What stands beside a row, or below a column, whose cells are one line. */
interface LineFigure {
  readonly value: string;
  /** The 95 % interval; empty without one. */
  readonly interval: string;
}

/** s_norm of the lines that are rows, or else columns, by number of the row or column counted through all panels. */
function lineFigures({ grid, lines }: Comparison): {
  readonly at: "rows" | "columns";
  readonly figures: ReadonlyMap<number, LineFigure>;
} {
  const { rows = 1, columns = 1 } = grid ?? {};
  const rowOf = (cell: number) => Math.floor(cell / columns);
  const columnOf = (cell: number) => Math.floor(cell / (columns * rows)) * columns + (cell % columns);
  const along = (placeOf: (cell: number) => number) =>
    lines.every(({ cells }) => new Set(cells.map(placeOf)).size === 1);
  const at = along(rowOf) ? "rows" : "columns";
  const placeOf = at === "rows" ? rowOf : columnOf;
  const figures = new Map<number, LineFigure>();
  for (const { cells, sNorm, interval } of along(placeOf) ? lines : [])
    if (sNorm !== null)
      figures.set(placeOf(cells[0] ?? 0), {
        value: figure(sNorm),
        interval: interval ? `${figure(interval[0], 2)} … ${figure(interval[1], 2)}` : "",
      });
  return { at, figures };
}

/** A link in lines of so many characters; a break may fall anywhere, and none is added where it is copied. */
const wrapped = (link: string, length: number): readonly string[] =>
  Array.from({ length: Math.ceil(link.length / length) }, (_, k) => link.slice(k * length, (k + 1) * length));

function legendOf(
  comparison: Comparison,
  address: string,
  width: number,
  hasFigures: boolean,
): readonly string[] {
  const { settings, grid, cost, noiseFloor, lines } = comparison;
  const reference = grid ? cellNames(grid, settings)[cellAt(grid, settings.reference)] : "";
  const total = ({ light, heavy }: { readonly light: number; readonly heavy: number }) => light + heavy;
  const floor = noiseFloor && `, its noise floor ${figure(noiseFloor.sNorm)}`;
  const intervals = lines.some(({ interval }) => interval) ? ", with its 95 % interval" : "";
  return [
    fixedWords(settings),
    `Framed: the reference, ${reference}. Under each picture: SSIM to the picture that it is compared with.`,
    ...(hasFigures ? [`s norm: same-seed similarity, normalised${intervals}${floor ?? ""}.`] : []),
    `${total(cost.planned)} evaluations instead of ${total(cost.naive)}`,
    ...wrapped(`${address}${printCompareHash(settings)}`, Math.floor((width - 2 * MARGIN) / CHARACTER)),
  ];
}

/** The grid as a page: labels of rows and columns, panels below each other, every picture with its SSIM, the reference
 *  framed and its row or column in bold, s_norm with its interval beside each line, and a legend of what is the same for all,
 *  with the link. Cells that are not drawn yet stay empty. */
export function sheetOf(comparison: Comparison, address: string): Sheet {
  const { grid, settings, numbers, partners, family } = comparison;
  const side = family?.image_size ?? 64;
  const columns = grid?.columns ?? 0;
  const rows = grid?.rows ?? 0;
  const panels = grid?.panels ?? 0;
  const scale = Math.max(1, Math.min(LARGEST_SCALE, Math.floor(WIDTH / Math.max(1, columns) / side)));
  const size = side * scale;
  const pitch = { x: size + GAP, y: size + LINE + GAP };
  const left = MARGIN + ROW_LABEL;
  const panelTitle = settings.panels ? LINE + GAP : 0;
  const { at: figuresAt, figures } = lineFigures(comparison);
  const below = figuresAt === "columns" && figures.size > 0 ? 2 * LINE : 0;
  const panelHeight = panelTitle + LINE + rows * pitch.y + below + MARGIN / 2;
  const top = MARGIN + TITLE + GAP;
  const width = Math.max(640, left + columns * pitch.x + FIGURES + MARGIN);
  const legend = legendOf(comparison, address, width, figures.size > 0);
  const legendTop = top + panels * panelHeight + LINE;

  const text = (words: string, x: number, y: number, more: Partial<SheetText> = {}): SheetText => ({
    text: words,
    x,
    y,
    size: SMALL,
    bold: false,
    colour: SOFT,
    align: "left",
    maxWidth: width - 2 * MARGIN,
    ...more,
  });
  const panelTop = (panel: number) => top + panel * panelHeight;
  const cornerOf = (panel: number, row: number, column: number) => ({
    x: left + column * pitch.x,
    y: panelTop(panel) + panelTitle + LINE + row * pitch.y,
  });
  const labels = (axis: Axis) => axis.values.map((_, at) => valueWords(axis, at));
  /** A row or column that is compared with itself: the reference's. */
  const isReference = (of: (place: Place) => boolean) => {
    const own = (grid?.cells ?? []).flatMap(({ place }, i) => (of(place) ? [partners[i] === i] : []));
    return own.length > 0 && own.every((one) => one);
  };
  const labelled = (words: string, reference: boolean): Partial<SheetText> & { readonly words: string } =>
    reference ? { words, bold: true, colour: ACCENT } : { words, colour: INK };
  /** "s norm", the second word smaller and lower, as it is set elsewhere. */
  const title = (x: number, y: number) => [
    text("s", x, y, { colour: INK }),
    text("norm", x + SMALL / 2, y + 3, { size: SMALL - 3, colour: INK }),
  ];
  const lineTexts = ({ value, interval }: LineFigure, x: number, y: number, more: Partial<SheetText>) => [
    text(value, x, y, { colour: INK, ...more }),
    ...(interval === "" ? [] : [text(interval, x, y + LINE - 3, { size: SMALL - 1, ...more })]),
  ];

  const cells = (grid?.cells ?? []).map((cell, i) => {
    const { panel, row, column } = cell.place;
    return { ...cornerOf(panel, row, column), cell, i, picture: pictureAt(comparison, cell) };
  });
  const reference = grid ? cells[cellAt(grid, settings.reference)] : undefined;
  return {
    width,
    height: legendTop + legend.length * LINE + MARGIN / 2,
    background: PAPER,
    pictures: cells.flatMap(({ x, y, picture }) =>
      picture
        ? [{ x, y, pixels: picture.pixels, scale: Math.max(1, Math.floor(size / picture.pixels.width)) }]
        : [],
    ),
    frames: [
      ...cells.flatMap(({ x, y, picture }) =>
        picture ? [] : [{ x, y, width: size, height: size, stroke: null, fill: EMPTY, lineWidth: 0 }],
      ),
      ...(reference
        ? [
            {
              x: reference.x - 2,
              y: reference.y - 2,
              width: size + 4,
              height: size + 4,
              stroke: ACCENT,
              fill: null,
              lineWidth: 3,
            },
          ]
        : []),
    ],
    texts: [
      text("steadyflow: one seed, one change at a time", MARGIN, MARGIN + TITLE - GAP, {
        size: TITLE,
        bold: true,
        colour: INK,
      }),
      ...Array.from({ length: panels }, (_, panel) => [
        ...(settings.panels
          ? [
              text(valueWords(settings.panels, panel), MARGIN, panelTop(panel) + LINE, {
                bold: true,
                colour: INK,
              }),
            ]
          : []),
        ...labels(settings.columns).map((label, column) => {
          const { words, ...look } = labelled(
            label,
            isReference((place) => place.panel === panel && place.column === column),
          );
          return text(words, cornerOf(panel, 0, column).x + size / 2, cornerOf(panel, 0, 0).y - GAP, {
            align: "center",
            maxWidth: size,
            ...look,
          });
        }),
        ...labels(settings.rows).map((label, row) => {
          const { words, ...look } = labelled(
            label,
            isReference((place) => place.panel === panel && place.row === row),
          );
          return text(words, left - 2 * GAP, cornerOf(panel, row, 0).y + size / 2 + SMALL / 2, {
            align: "right",
            maxWidth: ROW_LABEL - 2 * GAP,
            ...look,
          });
        }),
        ...(figures.size > 0 && figuresAt === "rows"
          ? title(left + columns * pitch.x + GAP, cornerOf(panel, 0, 0).y - GAP)
          : []),
        ...(below > 0 ? title(left - 5 * GAP - SMALL, cornerOf(panel, rows, 0).y + SMALL) : []),
        ...Array.from({ length: figuresAt === "rows" ? rows : columns }, (__, k) => {
          const line = figures.get(panel * (figuresAt === "rows" ? rows : columns) + k);
          if (!line) return [];
          if (figuresAt === "rows")
            return lineTexts(line, left + columns * pitch.x + GAP, cornerOf(panel, k, 0).y + size / 2, {
              maxWidth: FIGURES,
            });
          const { x } = cornerOf(panel, 0, k);
          return lineTexts(line, x + size / 2, cornerOf(panel, rows, 0).y + SMALL, {
            align: "center",
            maxWidth: size,
          });
        }).flat(),
      ]).flat(),
      ...cells.flatMap(({ x, y, i }) => {
        const ssim = numbers[i]?.image?.ssim;
        return ssim === undefined || partners[i] === i
          ? []
          : [text(figure(ssim), x + size / 2, y + size + SMALL + 2, { align: "center", maxWidth: size })];
      }),
      ...legend.map((words, k) => text(words, MARGIN, legendTop + k * LINE)),
    ],
  };
}
