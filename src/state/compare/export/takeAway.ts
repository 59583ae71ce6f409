import { Zip, ZipDeflate, ZipPassThrough } from "fflate";
import type { PictureHost } from "../../pictures.ts";
import { pngOf } from "../../pictures.ts";
import type { Session } from "../../session.ts";
import type { Comparison } from "../comparison.ts";
import { printCompareHash } from "../hash.ts";
import { cellFileName, pictureAt, pictureSettings } from "../pictureSettings.ts";
import { csvOf } from "./csv.ts";
import { jsonOf } from "./json.ts";
import { type Sheet, sheetOf } from "./sheet.ts";

/** What leaves the Compare page. */
export interface TakeAway {
  /** The grid with its labels and a legend. */
  exportPng(): void;
  /** Each finished cell as a PNG with its settings, and the numbers as a table and in JSON. */
  exportZip(): void;
  exportCsv(): void;
  exportJson(): void;
  copyLink(): void;
}

export interface TakeAwayHost extends Pick<PictureHost, "saveFile" | "copyText" | "address" | "pause"> {
  /** A PNG of the sheet. */
  readonly drawSheet: (sheet: Sheet) => Promise<Blob>;
  readonly notify: Session["notify"];
}

const NAME = "steadyflow-comparison";

export function createTakeAway(comparison: () => Comparison, host: TakeAwayHost): TakeAway {
  const link = () => `${host.address()}${printCompareHash(comparison().settings)}`;
  const save = (extension: string, contents: BlobPart, type: string) =>
    host.saveFile(`${NAME}.${extension}`, new Blob([contents], { type }));
  const failed = (what: "picture" | "zip") => (cause: unknown) =>
    host.notify({
      kind: "export-failed",
      what,
      detail: cause instanceof Error ? cause.message : String(cause),
    });

  /** A PNG takes some milliseconds; between two of them the page can do something else. */
  async function zipOf(now: Comparison): Promise<Blob> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const archive = new Zip((_, chunk) => parts.push(new Uint8Array(chunk)));
    for (const cell of now.grid?.cells ?? []) {
      const picture = pictureAt(now, cell);
      if (!now.grid || !picture) continue;
      const entry = new ZipPassThrough(cellFileName(cell, now.grid)); // compressed already
      archive.add(entry);
      entry.push(pngOf({ pixels: picture.pixels, settings: pictureSettings(picture, cell.settings) }), true);
      await host.pause();
    }
    for (const [name, contents] of [
      [`${NAME}.csv`, csvOf(now)],
      [`${NAME}.json`, jsonOf(now, host.address())],
    ] as const) {
      const entry = new ZipDeflate(name);
      archive.add(entry);
      entry.push(new TextEncoder().encode(contents), true);
    }
    archive.end();
    return new Blob(parts, { type: "application/zip" });
  }

  return {
    exportPng() {
      host
        .drawSheet(sheetOf(comparison(), host.address()))
        .then((png) => host.saveFile(`${NAME}.png`, png), failed("picture"));
    },
    exportZip() {
      zipOf(comparison()).then((zip) => host.saveFile(`${NAME}.zip`, zip), failed("zip"));
    },
    exportCsv: () => save("csv", csvOf(comparison()), "text/csv"),
    exportJson: () => save("json", jsonOf(comparison(), host.address()), "application/json"),
    copyLink() {
      host.copyText(link()).then(
        () => host.notify({ kind: "copied", what: "link" }),
        (cause: unknown) =>
          host.notify({
            kind: "copy-failed",
            what: "link",
            detail: cause instanceof Error ? cause.message : String(cause),
          }),
      );
    },
  };
}
