import type { LocalFiles, LocalModel, LocalModelId } from "./localModel.ts";

/** Why the browser could not keep or give a model. */
export type LibraryError =
  | { readonly kind: "Full"; readonly detail: string }
  /** Private windows of some browsers, or storage switched off. `detail` is the browser's own message. */
  | { readonly kind: "Unavailable"; readonly detail: string };

export const libraryError = (cause: unknown): LibraryError => {
  const detail = cause instanceof Error ? cause.message : String(cause);
  const full = cause instanceof Error && cause.name === "QuotaExceededError";
  return { kind: full ? "Full" : "Unavailable", detail };
};

/** The reader's own models in this browser, for page and workers alike. Every method rejects with the browser's own error;
 *  see libraryError. */
export interface LocalModels {
  /** Newest first. */
  list(): Promise<readonly LocalModel[]>;
  /** null for a model that is not kept here. */
  get(id: LocalModelId): Promise<LocalModel | null>;
  files(id: LocalModelId): Promise<LocalFiles | null>;
  /** Keeps a model, whole or not at all; one of the same id is replaced. */
  put(model: LocalModel, files: LocalFiles): Promise<void>;
  /** A model that is gone stays gone. */
  rename(id: LocalModelId, name: string): Promise<void>;
  remove(id: LocalModelId): Promise<void>;
  /** Deletes the database itself; the next call makes a new one. Without IndexedDB there is nothing to delete. */
  destroy(): Promise<void>;
  /** Calls `listen` after every change, by whichever tab or worker. Gives what ends it. */
  onChange(listen: () => void): () => void;
}
