import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { Pixels } from "../../pixels.ts";

/** A comparison as it is kept: its link, which makes the same grid again, and a picture to know it by. */
export interface KeptComparison {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly hash: string;
  readonly thumbnail: Pixels | null;
}

interface Schema extends DBSchema {
  comparisons: { key: string; value: KeptComparison; indexes: { "by-time": number } };
}

const NAME = "steadyflow-comparisons";
const VERSION = 1;

/** The comparisons that are kept in this browser. Every method rejects with the browser's own error; see galleryError. */
export interface ComparisonDatabase {
  /** Newest first. */
  list(): Promise<readonly KeptComparison[]>;
  put(kept: KeptComparison): Promise<void>;
  remove(id: string): Promise<void>;
  /** Deletes the database itself; the next call makes a new one. Without IndexedDB there is nothing to delete. */
  destroy(): Promise<void>;
}

/** Opens on first use. A tab that wants a newer version, or to delete everything, is let through at once. */
export function openComparisons(): ComparisonDatabase {
  let opened: Promise<IDBPDatabase<Schema>> | null = null;
  const database = () => {
    opened ??= openDB<Schema>(NAME, VERSION, {
      upgrade(db) {
        db.createObjectStore("comparisons", { keyPath: "id" }).createIndex("by-time", "savedAt");
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
      return (await (await database()).getAllFromIndex("comparisons", "by-time")).reverse();
    },
    async put(kept) {
      await (await database()).put("comparisons", kept);
    },
    async remove(id) {
      await (await database()).delete("comparisons", id);
    },
    async destroy() {
      if (typeof indexedDB === "undefined") return;
      (await opened)?.close();
      opened = null;
      await deleteDB(NAME);
    },
  };
}
