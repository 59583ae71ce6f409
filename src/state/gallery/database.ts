import { type DBSchema, deleteDB, type IDBPDatabase, type IDBPObjectStore, openDB } from "idb";
import type { GalleryEntry } from "./entry.ts";

interface GallerySchema extends DBSchema {
  images: { key: string; value: GalleryEntry; indexes: { "by-time": number } };
}

type GalleryStore = IDBPObjectStore<GallerySchema, ["images"], "images", "readwrite">;

const NAME = "steadyflow-gallery";
const VERSION = 1;

/** Pictures that are kept beside the favourites; the oldest fall away. 500 pictures of 64 px are 8 MB. */
export const KEPT = 500;

/** Why the gallery could not do what was asked. */
export type GalleryError =
  | { readonly kind: "Full"; readonly detail: string }
  /** Private windows of some browsers, or storage switched off. `detail` is the browser's own message, for a
   *  developer; a reader learns nothing from it. */
  | { readonly kind: "Unavailable"; readonly detail: string }
  /** Another tab holds an older version open. */
  | { readonly kind: "Blocked" };

export const galleryError = (cause: unknown): GalleryError => {
  const detail = cause instanceof Error ? cause.message : String(cause);
  const name = cause instanceof Error ? cause.name : "";
  return name === "QuotaExceededError" ? { kind: "Full", detail } : { kind: "Unavailable", detail };
};

/** The pictures of this browser in IndexedDB. Every method rejects with the browser's own error; see galleryError. */
export interface GalleryDatabase {
  /** Newest first. */
  list(): Promise<readonly GalleryEntry[]>;
  /** Adds or replaces, then lets the oldest fall away that are neither favourites nor among the newest KEPT. */
  put(entries: readonly GalleryEntry[]): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  clear(): Promise<void>;
  /** Deletes the database itself; the next call makes a new one. Without IndexedDB there is nothing to delete. */
  destroy(): Promise<void>;
}

/** One transaction that is committed at once, without waiting for its requests: the browser then finishes it also
 *  when the reader closes or reloads the page in the same moment. */
async function write(
  db: IDBPDatabase<GallerySchema>,
  requests: (store: GalleryStore) => readonly Promise<unknown>[],
): Promise<void> {
  const tx = db.transaction("images", "readwrite");
  const asked = requests(tx.store);
  tx.commit();
  await Promise.all([...asked, tx.done]);
}

async function trim(db: IDBPDatabase<GallerySchema>): Promise<void> {
  const tx = db.transaction("images", "readwrite");
  const surplus = (await tx.store.count()) - KEPT;
  if (surplus > 0) {
    let left = surplus;
    for (
      let cursor = await tx.store.index("by-time").openCursor();
      cursor && left > 0;
      cursor = await cursor.continue()
    ) {
      if (cursor.value.favourite) continue;
      await cursor.delete();
      left -= 1;
    }
  }
  await tx.done;
}

/** Opens on first use. A tab that wants a newer version, or to delete everything, is let through at once. */
export function openGallery(): GalleryDatabase {
  let opened: Promise<IDBPDatabase<GallerySchema>> | null = null;
  const database = () => {
    opened ??= openDB<GallerySchema>(NAME, VERSION, {
      upgrade(db) {
        db.createObjectStore("images", { keyPath: "key" }).createIndex("by-time", "at");
      },
      blocking(_current, _blocked, event) {
        if (event.target instanceof IDBDatabase) event.target.close();
        opened = null;
      },
      terminated() {
        opened = null;
      },
    });
    opened.catch(() => {
      opened = null;
    });
    return opened;
  };
  return {
    async list() {
      return (await (await database()).getAllFromIndex("images", "by-time")).reverse();
    },
    async put(entries) {
      const db = await database();
      await write(db, (store) => entries.map((entry) => store.put(entry)));
      await trim(db);
    },
    async remove(keys) {
      await write(await database(), (store) => keys.map((key) => store.delete(key)));
    },
    async clear() {
      await (await database()).clear("images");
    },
    async destroy() {
      if (typeof indexedDB === "undefined") return;
      (await opened)?.close();
      opened = null;
      await deleteDB(NAME);
    },
  };
}
