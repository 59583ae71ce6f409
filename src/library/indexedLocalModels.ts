import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { LocalFiles, LocalModel } from "./localModel.ts";
import type { LocalModels } from "./localModels.ts";

/** Weights are kept as blobs, which a browser writes to the disk without holding them in memory. */
interface KeptFiles {
  readonly weights: Blob;
  readonly adapter: Blob | null;
}

interface Schema extends DBSchema {
  models: { key: string; value: LocalModel; indexes: { "by-time": number } };
  files: { key: string; value: KeptFiles };
}

const NAME = "steadyflow-models";
const VERSION = 1;
/** Its messages say that something has changed, not what. */
const CHANNEL = "steadyflow-models";

/** The store in IndexedDB; opens on first use, in a page and in a worker alike. A tab that wants a newer version, or to
 *  delete everything, is let through at once. */
export function openLocalModels(): LocalModels {
  let opened: Promise<IDBPDatabase<Schema>> | null = null;
  const channel = new BroadcastChannel(CHANNEL);
  const listeners = new Set<() => void>();
  channel.onmessage = () => {
    for (const listen of listeners) listen();
  };

  function announce(): void {
    channel.postMessage("changed"); // reaches every other channel of this name, not this one
    for (const listen of listeners) listen();
  }

  const database = () => {
    opened ??= openDB<Schema>(NAME, VERSION, {
      upgrade(db) {
        db.createObjectStore("models", { keyPath: "id" }).createIndex("by-time", "createdAt");
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

  /** Null while nothing was ever kept: who only reads leaves no empty database behind, least of all after everything
   *  was deleted and every tab and worker looks again. */
  async function databaseToRead(): Promise<IDBPDatabase<Schema> | null> {
    if (opened) return opened;
    const known = await indexedDB.databases();
    return known.some(({ name }) => name === NAME) ? database() : null;
  }

  return {
    async list() {
      const models = await (await databaseToRead())?.getAllFromIndex("models", "by-time");
      return (models ?? []).reverse();
    },
    async get(id) {
      return (await (await databaseToRead())?.get("models", id)) ?? null;
    },
    async files(id) {
      const kept = await (await databaseToRead())?.get("files", id);
      if (!kept) return null;
      return { weights: await bytesOf(kept.weights), adapter: kept.adapter && (await bytesOf(kept.adapter)) };
    },
    async put(model, { weights, adapter }: LocalFiles) {
      const tx = (await database()).transaction(["models", "files"], "readwrite");
      const kept = { weights: new Blob([weights]), adapter: adapter && new Blob([adapter]) };
      await Promise.all([
        tx.objectStore("files").put(kept, model.id),
        tx.objectStore("models").put(model),
        tx.done,
      ]);
      announce();
    },
    async rename(id, name) {
      const tx = (await database()).transaction("models", "readwrite");
      const model = await tx.store.get(id);
      if (model) await tx.store.put({ ...model, name });
      await tx.done;
      announce();
    },
    async remove(id) {
      const tx = (await database()).transaction(["models", "files"], "readwrite");
      await Promise.all([tx.objectStore("models").delete(id), tx.objectStore("files").delete(id), tx.done]);
      announce();
    },
    async destroy() {
      if (typeof indexedDB === "undefined") return;
      (await opened)?.close();
      opened = null;
      await deleteDB(NAME);
      announce();
    },
    onChange(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
  };
}

const bytesOf = async (blob: Blob): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await blob.arrayBuffer());
