import type { GalleryError } from "./database.ts";
import type { GalleryEntry } from "./entry.ts";

export type Gallery =
  | { readonly status: "opening"; readonly entries: readonly GalleryEntry[] }
  | { readonly status: "open"; readonly entries: readonly GalleryEntry[] }
  /** Pictures of this visit are shown all the same, but they will not be there tomorrow. */
  | {
      readonly status: "unavailable";
      readonly entries: readonly GalleryEntry[];
      readonly error: GalleryError;
    };

export const INITIAL_GALLERY: Gallery = { status: "opening", entries: [] };

export type GalleryEvent =
  | { readonly type: "gallery-listed"; readonly entries: readonly GalleryEntry[] }
  | { readonly type: "gallery-added"; readonly entries: readonly GalleryEntry[] }
  | { readonly type: "gallery-removed"; readonly keys: readonly string[] }
  | { readonly type: "gallery-failed"; readonly error: GalleryError };

/** Newest first, each key once. */
function merge(added: readonly GalleryEntry[], old: readonly GalleryEntry[]): readonly GalleryEntry[] {
  const keys = new Set(added.map((entry) => entry.key));
  return [...added, ...old.filter((entry) => !keys.has(entry.key))].sort((a, b) => b.at - a.at);
}

/** Pure; the page changes at once and the database follows. */
export function galleryReducer(gallery: Gallery, event: GalleryEvent): Gallery {
  switch (event.type) {
    case "gallery-listed":
      return { status: "open", entries: event.entries };
    case "gallery-added":
      return { ...gallery, entries: merge(event.entries, gallery.entries) };
    case "gallery-removed": {
      const gone = new Set(event.keys);
      return { ...gallery, entries: gallery.entries.filter((entry) => !gone.has(entry.key)) };
    }
    case "gallery-failed":
      return { status: "unavailable", entries: gallery.entries, error: event.error };
    default:
      return event satisfies never;
  }
}

export const isFavourite = (gallery: Gallery, key: string): boolean =>
  gallery.entries.some((entry) => entry.key === key && entry.favourite);
