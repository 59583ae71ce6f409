import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ByteFiles } from "./byteFiles.ts";

interface FilesSchema extends DBSchema {
  files: { key: string; value: Blob };
}

/** Byte files in IndexedDB, each a blob: replaced whole or not at all. Opens on first use; a tab that wants to delete the
 *  database is let through at once. */
export function indexedFiles(database: string): ByteFiles {
  let opened: Promise<IDBPDatabase<FilesSchema>> | null = null;
  const open = () => {
    opened ??= openDB<FilesSchema>(database, 1, {
      upgrade(db) {
        db.createObjectStore("files");
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
  const within = (prefix: string) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  return {
    async write(name, parts) {
      await (await open()).put("files", new Blob([...parts]), name);
    },
    async read(name, from, to) {
      const blob = await (await open()).get("files", name);
      return blob ? new Uint8Array(await blob.slice(from ?? 0, to ?? blob.size).arrayBuffer()) : null;
    },
    async list(prefix) {
      const db = await open();
      const names = await db.getAllKeys("files", within(prefix));
      const blobs = await db.getAll("files", within(prefix));
      return names.map((name, i) => ({ name, bytes: blobs[i]?.size ?? 0 }));
    },
    async remove(prefix) {
      await (await open()).delete("files", within(prefix));
    },
  };
}
