import type {
  DatasetImportError,
  ImportOptions,
  ImportProgress,
  PickedFile,
  Previews,
} from "#workers/picturesProtocol.ts";

import { type Pixels, pixelsOf } from "../pixels.ts";

/** How the files that were picked are to become a data set. */
export type PickOptions = Omit<ImportOptions, "imageSize">;

/** Pictures on their way into a data set. */
export type Importing =
  /** Files were picked; how they would be cropped is shown before anything is kept. */
  | {
      readonly status: "picked";
      readonly files: readonly PickedFile[];
      readonly options: PickOptions;
      readonly imageSize: number;
      /** null while they are being made. */
      readonly previews: Previews | null;
    }
  | {
      readonly status: "running";
      readonly name: string;
      readonly from: "files" | "drawn";
      /** null before the first report. */
      readonly progress: ImportProgress | null;
      /** Milliseconds since 1970: begun, and the last report. */
      readonly since: number;
      readonly at: number;
      /** The newest pictures, newest first. */
      readonly latest: readonly Pixels[];
      readonly cancelling: boolean;
    }
  | { readonly status: "failed"; readonly error: DatasetImportError };

export type ImportingEvent =
  | {
      readonly type: "files-picked";
      readonly files: readonly PickedFile[];
      readonly name: string;
      readonly imageSize: number;
    }
  | { readonly type: "pick-changed"; readonly change: Partial<PickOptions> }
  | { readonly type: "files-previewed"; readonly previews: Previews }
  | {
      readonly type: "import-began";
      readonly name: string;
      readonly from: "files" | "drawn";
      readonly at: number;
    }
  | { readonly type: "import-progress"; readonly progress: ImportProgress; readonly at: number }
  | { readonly type: "import-cancelling" }
  | { readonly type: "import-failed"; readonly error: DatasetImportError }
  /** Made, cancelled, or put away. */
  | { readonly type: "import-closed" };

const USUAL: Omit<PickOptions, "name"> = { crop: "smart", classes: "folders", nearDuplicates: "skip" };

export function importingReducer(importing: Importing | null, event: ImportingEvent): Importing | null {
  switch (event.type) {
    case "files-picked": {
      const { files, name, imageSize } = event;
      return { status: "picked", files, imageSize, options: { name, ...USUAL }, previews: null };
    }
    case "pick-changed":
      return importing?.status === "picked"
        ? { ...importing, options: { ...importing.options, ...event.change } }
        : importing;
    case "files-previewed":
      return importing?.status === "picked" ? { ...importing, previews: event.previews } : importing;
    case "import-began": {
      const { name, from, at } = event;
      return { status: "running", name, from, progress: null, since: at, at, latest: [], cancelling: false };
    }
    case "import-progress":
      return importing?.status === "running"
        ? {
            ...importing,
            progress: event.progress,
            at: event.at,
            latest: [...latestOf(event.progress), ...importing.latest].slice(0, LATEST),
          }
        : importing;
    case "import-cancelling":
      return importing?.status === "running" ? { ...importing, cancelling: true } : importing;
    case "import-failed":
      return { status: "failed", error: event.error };
    case "import-closed":
      return null;
    default:
      return event satisfies never;
  }
}

/** Newest pictures that are shown while more are coming. */
export const LATEST = 24;

const latestOf = ({ latest }: ImportProgress): readonly Pixels[] =>
  latest.map(({ size, rgba }) => pixelsOf({ width: size, height: size, rgba })).reverse();

/** Milliseconds that an import still takes, by its pace; null before that can be told. */
export function importLeftMs(importing: Extract<Importing, { status: "running" }>): number | null {
  const { progress, since, at } = importing;
  if (!progress || progress.done < 5) return null;
  return ((at - since) / progress.done) * (progress.of - progress.done);
}

/** A name for what was picked: the folder or archive that holds all of it, or "Pictures". */
export function pickedName(files: readonly Pick<PickedFile, "path">[]): string {
  const tops = new Set(files.map(({ path }) => path.slice(0, Math.max(0, path.indexOf("/")))));
  const [top = ""] = tops;
  if (tops.size === 1 && top !== "") return top;
  const [only] = files;
  return files.length === 1 && only && /\.zip$/i.test(only.path)
    ? only.path.replace(/\.zip$/i, "")
    : "Pictures";
}
