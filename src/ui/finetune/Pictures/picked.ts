import type { PickedFile } from "#workers/picturesProtocol.ts";

/** What a file field gave, with the folders that it was chosen in. */
export const pickedFrom = (files: Iterable<File>): readonly PickedFile[] =>
  Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Everything that was dropped, folders with all that is in them. The entries are asked for at once: they are gone after the
 *  event. Never rejects; what cannot be read is left out. */
export async function droppedFrom({ items, files }: DataTransfer): Promise<readonly PickedFile[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry());
  if (!entries.some((entry) => entry?.isDirectory)) return pickedFrom(files);
  const found = await Promise.all(entries.map((entry) => (entry ? within(entry) : [])));
  return found.flat();
}

async function within(entry: FileSystemEntry): Promise<readonly PickedFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (isFile(entry)) {
    const file = await new Promise<File | null>((resolve) => entry.file(resolve, () => resolve(null)));
    return file ? [{ path, file }] : [];
  }
  if (!isDirectory(entry)) return [];
  const reader = entry.createReader();
  const all: PickedFile[] = [];
  for (;;) {
    // A reader gives a hundred entries a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (some.length === 0) return all;
    for (const one of some) all.push(...(await within(one)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
