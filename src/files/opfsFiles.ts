import type { ByteFiles } from "./byteFiles.ts";

/** Byte files in the browser's private file system, under one folder: in a worker written in place and flushed to the disk before
 *  `write` resolves, in a page replaced as a whole. The folder is made by the first write, and looked up by every call: another tab
 *  may have deleted it. Throws what the browser does where there is no such file system. */
export async function opfsFiles(folder: string): Promise<ByteFiles> {
  const site = await navigator.storage.getDirectory();

  async function folderOf(name: string, create: boolean): Promise<[FileSystemDirectoryHandle, string]> {
    const steps = [folder, ...name.split("/")];
    let directory = site;
    for (const step of steps.slice(0, -1)) directory = await directory.getDirectoryHandle(step, { create });
    return [directory, steps[steps.length - 1]];
  }

  /** Every file that is there; none where there is no folder. */
  async function* all(): AsyncGenerator<[string, FileSystemFileHandle]> {
    try {
      yield* walk(await site.getDirectoryHandle(folder), "");
    } catch (cause) {
      if (!isNotFound(cause)) throw cause;
    }
  }

  async function* walk(
    directory: FileSystemDirectoryHandle,
    path: string,
  ): AsyncGenerator<[string, FileSystemFileHandle]> {
    for await (const [name, handle] of directory.entries()) {
      if (handle.kind === "directory") yield* walk(handle as FileSystemDirectoryHandle, `${path}${name}/`);
      else yield [`${path}${name}`, handle as FileSystemFileHandle];
    }
  }

  /** A file, or a folder with all that is in it. */
  async function removeEntry(name: string): Promise<void> {
    try {
      const [directory, entry] = await folderOf(name, false);
      await directory.removeEntry(entry, { recursive: true });
    } catch (cause) {
      if (!isNotFound(cause)) throw cause; // another tab was quicker
    }
  }

  return {
    async write(name, parts) {
      const [directory, file] = await folderOf(name, true);
      const handle = await directory.getFileHandle(file, { create: true });
      if (writesInPlace(handle)) await writeInPlace(await handle.createSyncAccessHandle(), parts);
      else await replace(await handle.createWritable(), parts);
    },
    async read(name, from, to) {
      try {
        const [directory, file] = await folderOf(name, false);
        const blob = await (await directory.getFileHandle(file)).getFile();
        return new Uint8Array(await blob.slice(from ?? 0, to ?? blob.size).arrayBuffer());
      } catch (cause) {
        if (isNotFound(cause)) return null;
        throw cause;
      }
    },
    async list(prefix) {
      const found: { name: string; bytes: number }[] = [];
      for await (const [name, handle] of all())
        if (name.startsWith(prefix)) found.push({ name, bytes: (await handle.getFile()).size });
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async remove(prefix) {
      if (prefix.endsWith("/")) {
        await removeEntry(prefix.slice(0, -1));
        return;
      }
      const names: string[] = [];
      for await (const [name] of all()) if (name.startsWith(prefix)) names.push(name);
      for (const name of names) await removeEntry(name);
    },
  };
}

/** What workers alone have, and the page's types do not know. */
interface InPlace {
  truncate(size: number): void;
  write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  flush(): void;
  close(): void;
}

const writesInPlace = (
  handle: FileSystemFileHandle,
): handle is FileSystemFileHandle & { createSyncAccessHandle(): Promise<InPlace> } =>
  "createSyncAccessHandle" in handle;

async function writeInPlace(access: InPlace, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
  try {
    access.truncate(0);
    let at = 0;
    for (const part of parts) {
      const written = access.write(part, { at });
      if (written !== part.length)
        throw new DOMException("The disk took less than all.", "QuotaExceededError");
      at += written;
    }
    access.flush();
  } finally {
    access.close();
  }
}

/** The old bytes stay until the new ones are whole. */
async function replace(
  stream: FileSystemWritableFileStream,
  parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  for (const part of parts) await stream.write(part);
  await stream.close();
}

const isNotFound = (cause: unknown): boolean =>
  cause instanceof DOMException && cause.name === "NotFoundError";
