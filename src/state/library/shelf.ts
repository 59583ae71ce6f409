import type { Draft } from "#library/draft.ts";
import type { ImportError } from "#library/importError.ts";
import type { LocalModel, LocalModelId } from "#library/localModel.ts";
import type { LibraryError } from "#library/localModels.ts";

/** Files on their way to become a model. */
export type Bringing =
  | { readonly status: "idle" }
  | { readonly status: "reading"; readonly files: readonly string[] }
  | { readonly status: "refused"; readonly files: readonly string[]; readonly error: ImportError }
  /** Waits for the reader; `refused`: why the last answers were not taken. */
  | { readonly status: "draft"; readonly draft: Draft; readonly refused: ImportError | null }
  | { readonly status: "keeping"; readonly draft: Draft };

/** The reader's own models, as far as the browser gives them. */
export type Own =
  | { readonly status: "opening" }
  | { readonly status: "open"; readonly models: readonly LocalModel[] }
  | { readonly status: "unavailable"; readonly error: LibraryError };

/** What lies in the cache of downloads. */
export interface Kept {
  /** sha256 of every file. */
  readonly files: ReadonlySet<string>;
  /** Files that no model here asks for: left by earlier releases. */
  readonly strangers: { readonly files: readonly string[]; readonly bytes: number };
}

/** Room on the disk that the browser gives this site. */
export interface Room {
  readonly usedBytes: number;
  readonly givenBytes: number;
  /** The browser has promised not to clear it by itself. */
  readonly lasting: boolean;
}

/** Something that did not work out, said until the next thing is tried. */
export type Trouble =
  | { readonly kind: "not-changed"; readonly error: LibraryError }
  | { readonly kind: "not-exported"; readonly name: string; readonly error: ImportError }
  | { readonly kind: "not-deleted"; readonly detail: string };

/** What the Models page shows beside the manifest. */
export interface Shelf {
  readonly own: Own;
  /** null before it is known, and where the browser keeps no downloads. */
  readonly kept: Kept | null;
  readonly room: Room | null;
  readonly bringing: Bringing;
  /** The model that is being written to a file. */
  readonly exporting: LocalModelId | null;
  /** The model that was taken in last. */
  readonly added: LocalModelId | null;
  readonly trouble: Trouble | null;
}

export const INITIAL_SHELF: Shelf = {
  own: { status: "opening" },
  kept: null,
  room: null,
  bringing: { status: "idle" },
  exporting: null,
  added: null,
  trouble: null,
};

export type ShelfEvent =
  | { readonly type: "own-listed"; readonly models: readonly LocalModel[] }
  | { readonly type: "own-unavailable"; readonly error: LibraryError }
  | { readonly type: "kept-listed"; readonly kept: Kept | null }
  | { readonly type: "room-told"; readonly room: Room | null }
  | { readonly type: "reading"; readonly files: readonly string[] }
  | { readonly type: "drafted"; readonly draft: Draft }
  | { readonly type: "refused"; readonly error: ImportError }
  | { readonly type: "keeping" }
  | { readonly type: "added"; readonly model: LocalModel }
  | { readonly type: "dropped" }
  | { readonly type: "exporting"; readonly id: LocalModelId | null }
  | { readonly type: "troubled"; readonly trouble: Trouble | null };

/** Pure. What arrives for files that were dropped meanwhile changes nothing. */
export function shelfReducer(shelf: Shelf, event: ShelfEvent): Shelf {
  const { bringing } = shelf;
  switch (event.type) {
    case "own-listed":
      return { ...shelf, own: { status: "open", models: event.models } };
    case "own-unavailable":
      return { ...shelf, own: { status: "unavailable", error: event.error } };
    case "kept-listed":
      return { ...shelf, kept: event.kept };
    case "room-told":
      return { ...shelf, room: event.room };
    case "reading":
      return { ...shelf, bringing: { status: "reading", files: event.files }, added: null, trouble: null };
    case "drafted":
      if (bringing.status !== "reading") return shelf;
      return { ...shelf, bringing: { status: "draft", draft: event.draft, refused: null } };
    case "refused":
      return { ...shelf, bringing: refused(bringing, event.error) };
    case "keeping":
      if (bringing.status !== "draft") return shelf;
      return { ...shelf, bringing: { status: "keeping", draft: bringing.draft } };
    case "added":
      return { ...shelf, bringing: { status: "idle" }, added: event.model.id };
    case "dropped":
      return { ...shelf, bringing: { status: "idle" } };
    case "exporting":
      return { ...shelf, exporting: event.id };
    case "troubled":
      return { ...shelf, trouble: event.trouble };
    default:
      return event satisfies never;
  }
}

/** A draft whose answers were not taken waits for others; without one there is nothing to answer. */
function refused(bringing: Bringing, error: ImportError): Bringing {
  switch (bringing.status) {
    case "reading":
      return { status: "refused", files: bringing.files, error };
    case "keeping":
      return error.kind === "NothingRead"
        ? { status: "refused", files: bringing.draft.files, error }
        : { status: "draft", draft: bringing.draft, refused: error };
    default:
      return bringing;
  }
}
