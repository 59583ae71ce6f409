import type { Cell, CellSettings, Grid } from "#compare/cell.ts";
import type { ImageSettings } from "#images/settings.ts";
import { fileName } from "../names.ts";
import type { Comparison, Picture } from "./comparison.ts";

/** What a PNG of a cell carries. Cells that differ in tau or in the words for a model may share a picture; the settings of
 *  each say its own, and `generate` makes the same pixels of either. */
export const pictureSettings = (
  { settings }: Pick<Picture, "settings">,
  { model, tau }: Pick<CellSettings, "model" | "tau">,
): ImageSettings => ({ ...settings, model, tau });

/** The picture of a cell, if it is finished. */
export function pictureAt(
  { drawings }: Pick<Comparison, "drawings">,
  { key }: Pick<Cell, "key">,
): Picture | null {
  const drawing = drawings[key];
  return drawing?.status === "finished" ? drawing.picture : null;
}

const two = (place: number) => String(place + 1).padStart(2, "0");

/** Name of a cell's PNG: its place first, so that files sort as the grid stands, then what any picture is called. */
export function cellFileName({ place, settings }: Cell, { panels }: Pick<Grid, "panels">): string {
  const at = `${panels > 1 ? `p${two(place.panel)}-` : ""}r${two(place.row)}-c${two(place.column)}`;
  return fileName({ ...settings, class: settings.className }).replace(/^steadyflow/, at);
}
