import { createStore, type StoreApi } from "zustand/vanilla";
import type { Manifest } from "#checkpoints/manifest.ts";
import type { Answers } from "#library/draft.ts";
import type { ExportWish } from "#library/exportWish.ts";
import { LONGEST_NAME, type LocalModel, type LocalModelId } from "#library/localModel.ts";
import { type LocalModels, libraryError } from "#library/localModels.ts";
import type { PictureHost } from "../pictures.ts";
import type { Store } from "../store.ts";
import type { ShelfHost } from "./host.ts";
import { INITIAL_SHELF, type Kept, type Shelf, type ShelfEvent, shelfReducer } from "./shelf.ts";

/** What models need of the browser. */
export interface ModelsHost extends ShelfHost, Pick<PictureHost, "saveFile"> {
  readonly localModels: LocalModels;
  readonly manifestUrl: string;
  readonly now: () => number;
}

/** What the reader can do with models and their files. Every command returns at once and never throws; what follows arrives
 *  in the store. */
export interface Models {
  readonly store: Pick<StoreApi<Shelf>, "getState" | "getInitialState" | "subscribe">;
  /** Looks again at what this browser keeps. */
  look(): void;
  /** Reads files that may be a model; what was being brought before is dropped. */
  bring(files: readonly File[]): void;
  keep(answers: Answers): void;
  /** Ends what is being brought, in the middle of a file if need be. */
  drop(): void;
  rename(id: LocalModelId, name: string): void;
  remove(id: LocalModelId): void;
  /** Writes a model to a file and hands it to the reader. */
  exportModel(model: LocalModel, wish: ExportWish): void;
  /** Deletes downloads; the next drawing that needs one fetches it again. */
  deleteDownloads(sha256: readonly string[]): void;
  makeLasting(): void;
}

/** The Models page without its looks. */
export function createModels(app: Store, host: ModelsHost): Models {
  const { getState, getInitialState, subscribe, setState } = createStore<Shelf>(() => INITIAL_SHELF);
  const { localModels, library, weights } = host;
  const apply = (event: ShelfEvent) => setState((shelf) => shelfReducer(shelf, event), true);

  async function lookAtOwn(): Promise<void> {
    try {
      apply({ type: "own-listed", models: await localModels.list() });
    } catch (cause) {
      apply({ type: "own-unavailable", error: libraryError(cause) });
    }
  }

  async function lookAtDownloads(): Promise<void> {
    const { manifest } = app.getState().engine;
    try {
      const files = await weights.list();
      apply({ type: "kept-listed", kept: files && (await keptOf(files, manifest)) });
    } catch {
      apply({ type: "kept-listed", kept: null }); // a browser without a cache keeps no downloads
    }
  }

  async function keptOf(files: readonly string[], manifest: Manifest | null): Promise<Kept> {
    const known = manifest && shippedFiles(manifest);
    const strangers = known ? files.filter((sha256) => !known.has(sha256)) : [];
    return { files: new Set(files), strangers: { files: strangers, bytes: await weights.bytes(strangers) } };
  }

  async function lookAtRoom(): Promise<void> {
    apply({ type: "room-told", room: await host.room().catch(() => null) });
  }

  /** A change that the browser may refuse; the list follows by itself. */
  function change(changed: Promise<void>): void {
    apply({ type: "troubled", trouble: null });
    changed.catch((cause: unknown) =>
      apply({ type: "troubled", trouble: { kind: "not-changed", error: libraryError(cause) } }),
    );
  }

  function look(): void {
    void lookAtOwn();
    void lookAtDownloads();
    void lookAtRoom();
  }

  /** What there is to be compared with; files that come before it wait. */
  function manifestThere(): Promise<Manifest> {
    return new Promise((resolve) => {
      const look = () => {
        const { manifest } = app.getState().engine;
        if (!manifest) return false;
        resolve(manifest);
        return true;
      };
      if (look()) return;
      const end = app.subscribe(() => look() && end());
    });
  }

  /** The newest files; older ones that still wait are forgotten. */
  let brought: readonly File[] = [];

  async function bring(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    const { status } = getState().bringing;
    if (status === "reading" || status === "keeping") library.close();
    brought = files;
    apply({ type: "reading", files: files.map(({ name }) => name) });
    const manifest = await manifestThere();
    if (brought !== files || getState().bringing.status !== "reading") return;
    const read = await library.inspect(files, manifest, host.manifestUrl);
    if (read.ok) apply({ type: "drafted", draft: read.value });
    else if (read.error.kind !== "Cancelled") apply({ type: "refused", error: read.error });
  }

  async function keep(answers: Answers): Promise<void> {
    if (getState().bringing.status !== "draft") return;
    apply({ type: "keeping" });
    const kept = await library.keep(answers, host.now());
    if (kept.ok) apply({ type: "added", model: kept.value });
    else if (kept.error.kind !== "Cancelled") apply({ type: "refused", error: kept.error });
  }

  async function exportModel({ id, name }: LocalModel, wish: ExportWish): Promise<void> {
    apply({ type: "troubled", trouble: null });
    apply({ type: "exporting", id });
    const exported = await library.export(id, wish);
    apply({ type: "exporting", id: null });
    if (exported.ok) host.saveFile(exported.value.name, exported.value.contents);
    else if (exported.error.kind !== "Cancelled")
      apply({ type: "troubled", trouble: { kind: "not-exported", name, error: exported.error } });
  }

  async function deleteDownloads(sha256: readonly string[]): Promise<void> {
    apply({ type: "troubled", trouble: null });
    try {
      await weights.remove(sha256);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      apply({ type: "troubled", trouble: { kind: "not-deleted", detail } });
    }
    await Promise.all([lookAtDownloads(), lookAtRoom()]);
  }

  localModels.onChange(() => {
    void lookAtOwn();
    void lookAtRoom();
  });
  let seen = app.getState().engine;
  app.subscribe(({ engine }) => {
    const arrived = Object.keys(engine.loads).length < Object.keys(seen.loads).length;
    if (arrived || engine.manifest !== seen.manifest) void lookAtDownloads();
    seen = engine;
  });
  look();

  return {
    store: { getState, getInitialState, subscribe },
    look,
    bring: (files) => void bring(files),
    keep: (answers) => void keep(answers),
    drop() {
      const { status } = getState().bringing;
      if (status === "reading" || status === "keeping") library.close();
      else if (status === "draft") void library.discard();
      apply({ type: "dropped" });
    },
    rename: (id, name) => change(localModels.rename(id, name.trim().slice(0, LONGEST_NAME))),
    remove: (id) => change(localModels.remove(id)),
    exportModel: (model, wish) => void exportModel(model, wish),
    deleteDownloads: (sha256) => void deleteDownloads(sha256),
    makeLasting() {
      void host
        .makeLasting()
        .catch(() => {}) // what became of it is looked up
        .then(lookAtRoom);
    },
  };
}

/** sha256 of every file that a manifest names. */
function shippedFiles({ families }: Manifest): ReadonlySet<string> {
  const files = families.flatMap(({ autoencoder, autoencoders = [], models, features }) => [
    ...[autoencoder, ...autoencoders].flatMap(({ decoder, encoder }) => [...decoder.files, ...encoder.files]),
    ...models.flatMap((model) => model.files),
    ...(features?.embedding?.files ?? []),
    ...(features?.classifier?.files ?? []),
  ]);
  return new Set(files.map(({ sha256 }) => sha256));
}
