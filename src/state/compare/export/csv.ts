import type { Cell } from "#compare/cell.ts";
import type { RoutedGrid } from "#compare/grid.ts";
import type { CellNumbers, Comparison } from "../comparison.ts";
import { cellFileName, pictureAt } from "../pictureSettings.ts";

/** A cell with all that is said of it. */
interface Row {
  readonly cell: Cell;
  readonly partner: Cell;
  readonly numbers: CellNumbers | null;
  readonly comparison: Comparison;
  readonly grid: RoutedGrid;
}

type Value = string | number | null;

interface Column {
  readonly name: string;
  /** What the docs say of it; a test compares. */
  readonly meaning: string;
  readonly of: (row: Row) => Value;
}

const nfe = ({ cell, grid }: Row) => grid.routes.get(cell.key)?.of.nfe;

/** The columns of the table, in order. */
export const CSV_COLUMNS: readonly Column[] = [
  { name: "panel", meaning: "place of the cell, from 1", of: ({ cell }) => cell.place.panel + 1 },
  { name: "row", meaning: "place of the cell, from 1", of: ({ cell }) => cell.place.row + 1 },
  { name: "column", meaning: "place of the cell, from 1", of: ({ cell }) => cell.place.column + 1 },
  { name: "seed", meaning: "seed", of: ({ cell }) => cell.settings.seed },
  { name: "class", meaning: "class by name", of: ({ cell }) => cell.settings.className },
  {
    name: "model",
    meaning: "which networks drew it, as in the address",
    of: ({ cell }) => cell.settings.model,
  },
  {
    name: "tau",
    meaning: "switch time; counts where two models take turns",
    of: ({ cell }) => cell.settings.tau,
  },
  { name: "steps", meaning: "points of the time grid", of: ({ cell }) => cell.settings.steps },
  { name: "solver", meaning: "ODE solver", of: ({ cell }) => cell.settings.solver },
  { name: "guidance", meaning: "classifier-free guidance", of: ({ cell }) => cell.settings.guidance },
  {
    name: "nfe_light",
    meaning: "function evaluations of the model in the light place, when the cell is drawn by itself",
    of: (row) => nfe(row)?.light ?? null,
  },
  {
    name: "nfe_heavy",
    meaning: "the same in the heavy place",
    of: (row) => nfe(row)?.heavy ?? null,
  },
  {
    name: "file",
    meaning: "the cell's PNG in the zip; empty while it is not drawn",
    of: ({ cell, comparison, grid }) => (pictureAt(comparison, cell) ? cellFileName(cell, grid) : null),
  },
  {
    name: "reference_file",
    meaning: "the PNG that it is compared with",
    of: ({ partner, comparison, grid }) =>
      pictureAt(comparison, partner) ? cellFileName(partner, grid) : null,
  },
  {
    name: "mse",
    meaning: "mean squared error of the pixels, 0 … 65025",
    of: ({ numbers }) => numbers?.image?.mse ?? null,
  },
  {
    name: "psnr",
    meaning: "peak signal to noise in dB, data range 255; inf for equal pictures",
    of: ({ numbers }) => (numbers?.image ? (numbers.image.psnr ?? "inf") : null),
  },
  {
    name: "ssim",
    meaning: "structural similarity: Gaussian window of 11, σ 1.5, mean over RGB",
    of: ({ numbers }) => numbers?.image?.ssim ?? null,
  },
  {
    name: "latent_cosine",
    meaning: "cosine of the final latents; empty in the latents of different autoencoders",
    of: ({ numbers }) => numbers?.latentCosine ?? null,
  },
  {
    name: "embedding_cosine",
    meaning: "cosine of the features of the embedding network",
    of: ({ numbers }) => numbers?.embeddingCosine ?? null,
  },
  {
    name: "attributes_agreed",
    meaning: "attributes that the classifier reads alike in both",
    of: ({ numbers }) => numbers?.attributes?.agreed ?? null,
  },
  {
    name: "attributes_of",
    meaning: "attributes that it reads in either",
    of: ({ numbers }) => numbers?.attributes?.of ?? null,
  },
  {
    name: "sha256",
    meaning: "of the cell's RGB bytes",
    of: ({ cell, comparison }) => pictureAt(comparison, cell)?.settings.sha256 ?? null,
  },
];

/** The cells of a grid with their numbers, in the grid's order; none without a grid. */
export function rowsOf(comparison: Comparison): readonly Row[] {
  const { grid, partners, numbers } = comparison;
  if (!grid) return [];
  return grid.cells.flatMap((cell, i) => {
    const partner = grid.cells[partners[i] ?? i];
    return partner ? [{ cell, partner, numbers: numbers[i] ?? null, comparison, grid }] : [];
  });
}

/** Quoted where a comma, a quote or a line break would break the row (RFC 4180). */
const field = (value: Value): string => {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One line a cell under a line of names, CRLF, UTF-8. Numbers with all their digits; an empty field was not measured. */
export function csvOf(comparison: Comparison): string {
  const lines = [
    CSV_COLUMNS.map(({ name }) => name),
    ...rowsOf(comparison).map((row) => CSV_COLUMNS.map(({ of }) => of(row))),
  ];
  return lines.map((line) => `${line.map(field).join(",")}\r\n`).join("");
}
