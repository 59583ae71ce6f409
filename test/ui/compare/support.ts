import type { RoutedGrid } from "#compare/grid.ts";
import { gridOf } from "#compare/grid.ts";
import { type Line, linesOf, partnersOf } from "#compare/partners.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import type { CellNumbers, LineSimilarity } from "#state/compare/comparison.ts";
import { parseCompareHash } from "#state/compare/hash.ts";
import { firstFamily, SHIPPED } from "../../state/support.ts";

export const FAMILY = firstFamily(SHIPPED);

/** A grid of the shipped family by the keys of a link. */
export function gridOfSettings(keys: Readonly<Record<string, string>>): {
  readonly settings: ComparisonSettings;
  readonly grid: RoutedGrid;
  readonly partners: readonly number[];
  readonly lines: readonly Line[];
} {
  const { settings, problems } = parseCompareHash(`#/compare?${new URLSearchParams(keys)}`, () => FAMILY);
  if (problems.length > 0) throw new Error(`not a comparison: ${JSON.stringify(problems)}`);
  const grid = gridOf(settings, FAMILY);
  if (!grid.ok) throw new Error(`no grid: ${grid.error.kind}`);
  return {
    settings,
    grid: grid.value,
    partners: partnersOf(grid.value, settings),
    lines: linesOf(grid.value, settings),
  };
}

export const lineOf = ({ cells }: Pick<Line, "cells">): LineSimilarity => ({
  cells,
  seeds: cells.length,
  s: 0.9,
  sUnrel: 0.5,
  sNorm: 0.8,
  interval: [0.7, 0.9],
});

/** Figures of a cell: SSIM as given, the others fixed. */
export const numbersWith = (ssim: number, psnr: number | null = 20): CellNumbers => ({
  against: "reference",
  latentCosine: 0.9,
  along: { t: [0.5, 1], cosine: [0.99, 0.9] },
  image: { mse: 650, psnr, ssim },
  embeddingCosine: null,
  attributes: { agreed: 7, of: 8 },
});
