/** The wire between the page and the pictures worker, which makes data sets out of files or drawings. Types only.
 *
 *  A request with an id is answered by any number of `progress` (imports and drawings only, about twenty a second) and then
 *  by exactly one `made`, `previewed`, `renamed` or `failed` of that id. Imports and drawings are served one at a time in the
 *  order they arrive; previews and new names beside them. `cancel` ends a request before its next file or avatar, as `failed`
 *  with Cancelled; an import that was cancelled leaves nothing behind. Files go over as references, their bytes are read in
 *  the worker; buffers of previews and of the latest images are transferred. */
import type { PickedFile } from "#datasets/candidates.ts";
import type { DatasetId, DatasetRecord } from "#datasets/dataset.ts";
import type { DrawOptions } from "#datasets/drawn/drawDataset.ts";
import type { DatasetImportError } from "#datasets/importError.ts";
import type { ImportOptions } from "#datasets/importFiles.ts";
import type { ImportProgress, LatestImage } from "#datasets/importProgress.ts";
import type { Previews } from "#datasets/previewFiles.ts";

export type {
  DatasetId,
  DatasetImportError,
  DatasetRecord,
  DrawOptions,
  ImportOptions,
  ImportProgress,
  LatestImage,
  PickedFile,
  Previews,
};

export type PicturesId = number;

export interface PreviewWish {
  readonly files: readonly PickedFile[];
  /** Pictures wanted. */
  readonly count: number;
  readonly imageSize: number;
}

/** Work that is asked for, without its id. */
export type PicturesJob =
  | { readonly type: "import"; readonly files: readonly PickedFile[]; readonly options: ImportOptions }
  | { readonly type: "draw"; readonly options: DrawOptions }
  | ({ readonly type: "preview" } & PreviewWish)
  | { readonly type: "rename"; readonly dataset: DatasetId; readonly name: string };

export type PicturesRequest =
  | { readonly type: "ask"; readonly id: PicturesId; readonly job: PicturesJob }
  | { readonly type: "cancel"; readonly id: PicturesId };

export type PicturesReply =
  | { readonly type: "progress"; readonly id: PicturesId; readonly progress: ImportProgress }
  | { readonly type: "made"; readonly id: PicturesId; readonly record: DatasetRecord }
  | { readonly type: "previewed"; readonly id: PicturesId; readonly previews: Previews }
  | { readonly type: "renamed"; readonly id: PicturesId }
  | { readonly type: "failed"; readonly id: PicturesId; readonly error: DatasetImportError };
