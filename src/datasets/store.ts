import type { ByteFiles } from "#files/byteFiles.ts";
import { readContainer } from "#files/container.ts";
import { twoSlots } from "#files/twoSlots.ts";
import type { DatasetId, DatasetRecord, DatasetStore } from "./dataset.ts";
import { newDatasetId } from "./datasetId.ts";
import type { ImportLocks } from "./importLocks.ts";
import { guarded, storedDataset } from "./storedDataset.ts";
import { DatasetStoreError } from "./storeError.ts";
import { createWriter, recordFile } from "./writer.ts";

/** Tells other tabs and workers; a BroadcastChannel is one. */
export type DatasetChannel = Pick<
  BroadcastChannel,
  "postMessage" | "addEventListener" | "removeEventListener"
>;

export interface DatasetStoreParts {
  readonly files: ByteFiles & { destroy?(): Promise<void> };
  readonly locks: ImportLocks;
  readonly channel?: DatasetChannel | null;
  readonly now?: () => number;
}

/** Data sets over byte files: each a folder of its id. */
export function createDatasetStore({
  files,
  locks,
  channel = null,
  now = Date.now,
}: DatasetStoreParts): DatasetStore {
  const listeners = new Set<() => void>();
  const changed = () => {
    channel?.postMessage("datasets");
    for (const listen of listeners) listen();
  };
  const nameOf = (id: DatasetId) => twoSlots<{ readonly name: string }>(files, `${id}/name`);

  /** null for a data set that is not finished, and for none. */
  async function read(id: DatasetId): Promise<DatasetRecord | null> {
    const bytes = await files.read(recordFile(id));
    const record = bytes && readContainer<DatasetRecord>(bytes);
    if (!record?.ok) return null;
    const renamed = await nameOf(id).head();
    return { ...record.value.head, ...renamed };
  }

  const ids = async (): Promise<DatasetId[]> => [
    ...new Set((await files.list("")).map(({ name }) => name.split("/", 1)[0])),
  ];

  return {
    list: () =>
      guarded(async () => {
        const records = await Promise.all((await ids()).map(read));
        return records
          .filter((record) => record !== null)
          .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
      }),
    open: (id) =>
      guarded(async () => {
        const record = await read(id);
        return record && storedDataset(files, record);
      }),
    create: (imageSize) =>
      guarded(async () => {
        const createdAt = now();
        const id = newDatasetId(createdAt);
        const release = await locks.hold(id);
        const writer = createWriter(files, id, imageSize, createdAt, release);
        return {
          id,
          add: (rgb) => guarded(() => writer.add(rgb)),
          async finish(about) {
            const record = await guarded(() => writer.finish(about));
            changed();
            return record;
          },
          discard: () => guarded(writer.discard),
        };
      }),
    rename: (id, name) =>
      guarded(async () => {
        if (!(await read(id))) throw new DatasetStoreError({ kind: "Missing", id });
        await nameOf(id).write({ head: { name }, arrays: {} });
        changed();
      }),
    remove: (id) =>
      guarded(async () => {
        await files.remove(recordFile(id)); // without it the rest is nobody's
        await files.remove(`${id}/`);
        changed();
      }),
    attachedBytes: (id) =>
      guarded(async () => (await files.list(`${id}/attached/`)).reduce((sum, { bytes }) => sum + bytes, 0)),
    sweep: () =>
      guarded(async () => {
        let swept = 0;
        for (const id of await ids()) {
          // In this order: an import that ends in between has its record by the time its lock is gone.
          if ((await locks.isHeld(id)) || (await read(id))) continue;
          await files.remove(`${id}/`);
          swept++;
        }
        return swept;
      }),
    destroy: () =>
      guarded(async () => {
        await (files.destroy ? files.destroy() : files.remove(""));
        changed();
      }),
    onChange(listen) {
      listeners.add(listen);
      channel?.addEventListener("message", listen);
      return () => {
        listeners.delete(listen);
        channel?.removeEventListener("message", listen);
      };
    },
  };
}
