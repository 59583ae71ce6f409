import { deleteDB } from "idb";
import type { ByteFiles } from "./byteFiles.ts";
import { indexedFiles } from "./indexedFiles.ts";
import { opfsFiles } from "./opfsFiles.ts";

/** Byte files of this browser, for page and workers alike: in the private file system, or in IndexedDB where there is none.
 *  Both sides come to the same choice. Nothing is opened before it is first asked for. */
export function browserFiles(name: string): ByteFiles & { destroy(): Promise<void> } {
  let chosen: Promise<ByteFiles> | null = null;
  const files = () => {
    chosen ??= opfsFiles(name).catch(() => indexedFiles(name));
    return chosen;
  };
  return {
    write: async (file, parts) => (await files()).write(file, parts),
    read: async (file, from, to) => (await files()).read(file, from, to),
    list: async (prefix) => (await files()).list(prefix),
    remove: async (prefix) => (await files()).remove(prefix),
    async destroy() {
      chosen = null;
      await Promise.all([removeFolder(name), typeof indexedDB === "undefined" ? null : deleteDB(name)]);
    },
  };
}

/** Without a private file system, or without the folder, there is nothing to remove. */
async function removeFolder(name: string): Promise<void> {
  let root: FileSystemDirectoryHandle;
  try {
    root = await navigator.storage.getDirectory();
    await root.getDirectoryHandle(name);
  } catch {
    return;
  }
  await root.removeEntry(name, { recursive: true });
}
