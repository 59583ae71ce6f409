import type { Result } from "#bytes/result.ts";
import type { DatasetRecord } from "#datasets/dataset.ts";
import { NINTH_STYLES, type NinthStyleName } from "#datasets/drawn/ninthStyles.ts";
import type { Following } from "#workers/picturesClient.ts";
import type { DatasetId, DatasetImportError, PickedFile } from "#workers/picturesProtocol.ts";
import type { FinetuneContext } from "./context.ts";
import { type PickOptions, pickedName } from "./importing.ts";

/** What the reader can do to bring pictures in. */
export interface Imports {
  /** Shows how these files would become a data set; keeps nothing yet. */
  pick(files: readonly PickedFile[]): void;
  changePick(change: Partial<PickOptions>): void;
  importPicked(): void;
  /** Draws avatars of a style that no shipped model has seen. */
  draw(style: NinthStyleName, count: number): void;
  /** Nothing of it is kept. */
  cancelImport(): void;
  /** Puts away files that were picked, or why they did not become a data set. */
  putAway(): void;
  renameSet(id: DatasetId, name: string): void;
}

/** Pictures whose crops are shown. */
const PREVIEWS = 12;

/** made: called with the id of every data set that came about. */
export function createImports(
  { store, host, apply, applySoon, family, modelsKnown }: FinetuneContext,
  made: (id: DatasetId) => void,
): Imports {
  const { getState } = store;
  const pictures = host.connectPictures();
  let abort = new AbortController();
  let asked = false;

  async function preview(files: readonly PickedFile[], imageSize: number): Promise<void> {
    const { signal } = abort;
    const result = await pictures.preview({ files, count: PREVIEWS, imageSize }, signal);
    if (signal.aborted) return;
    if (result.ok) apply({ type: "files-previewed", previews: result.value });
    else apply({ type: "import-failed", error: result.error });
  }

  async function make(
    name: string,
    from: "files" | "drawn",
    making: (following: Following) => Promise<Result<DatasetRecord, DatasetImportError>>,
  ): Promise<void> {
    const { signal } = restart();
    makeLasting();
    apply({ type: "import-began", name, from, at: host.now() });
    const result = await making({
      signal,
      onProgress: (progress) => applySoon({ type: "import-progress", progress, at: host.now() }),
    });
    if (result.ok) {
      apply({ type: "import-closed" });
      made(result.value.id);
    } else if (result.error.kind === "Cancelled") apply({ type: "import-closed" });
    else apply({ type: "import-failed", error: result.error });
  }

  /** Once a visit: a reader who refused is not asked again at every import. */
  function makeLasting(): void {
    if (asked) return;
    asked = true;
    void host.makeLasting().catch(() => {});
  }

  /** Files that are picked before the list of models is there wait for it: it says how large pictures are. */
  async function pick(files: readonly PickedFile[]): Promise<void> {
    await modelsKnown([]);
    const imageSize = family()?.image_size;
    if (!imageSize || files.length === 0 || getState().importing?.status === "running") return;
    restart();
    apply({ type: "files-picked", files, name: pickedName(files), imageSize });
    await preview(files, imageSize);
  }

  function restart(): AbortController {
    abort.abort();
    abort = new AbortController();
    return abort;
  }

  return {
    pick: (files) => void pick(files),
    changePick: (change) => apply({ type: "pick-changed", change }),
    importPicked() {
      const { importing } = getState();
      if (importing?.status !== "picked") return;
      const { files, options, imageSize } = importing;
      const name = options.name.trim() || pickedName(files);
      void make(name, "files", (following) =>
        pictures.import(files, { ...options, name, imageSize }, following),
      );
    },
    draw(style, count) {
      const into = family();
      if (!into || getState().importing?.status === "running") return;
      const name = NINTH_STYLES.find((one) => one.name === style)?.title ?? style;
      void make(name, "drawn", (following) =>
        pictures.draw({ name, style, count, imageSize: into.image_size }, following),
      );
    },
    cancelImport() {
      apply({ type: "import-cancelling" });
      abort.abort();
    },
    putAway() {
      restart();
      apply({ type: "import-closed" });
    },
    renameSet(id, name) {
      void pictures.rename(id, name.trim()).then((result) => {
        if (!result.ok && result.error.kind === "Storage")
          apply({ type: "problem", problem: { kind: "datasets", problem: result.error.problem } });
      });
    },
  };
}
