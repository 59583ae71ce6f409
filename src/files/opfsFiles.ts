import type { ByteFiles } from "./byteFiles.ts";

/** Byte files in the browser's private file system, under one folder: in a worker written in place and flushed to the disk before
 *  `write` resolves, in a page replaced as a whole. Throws what the browser does where there is no such file system. */
export async function opfsFiles(folder: string): Promise<ByteFiles> {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });

  async function folderOf(name: string, create: boolean): Promise<[FileSystemDirectoryHandle, string]> {
    const steps = name.split("/");
    let directory = root;
    for (const step of steps.slice(0, -1)) directory = await directory.getDirectoryHandle(step, { create });
    return [directory, steps[steps.length - 1]];
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
      for await (const [name, handle] of walk(root, ""))
        if (name.startsWith(prefix)) found.push({ name, bytes: (await handle.getFile()).size });
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async remove(prefix) {
      const names: string[] = [];
      for await (const [name] of walk(root, "")) if (name.startsWith(prefix)) names.push(name);
      for (const name of names) {
        const [directory, file] = await folderOf(name, false);
        await directory.removeEntry(file).catch((cause: unknown) => {
          if (!isNotFound(cause)) throw cause; // another tab was quicker
        });
      }
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
