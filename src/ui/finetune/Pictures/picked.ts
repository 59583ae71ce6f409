import { IMPORT_LIMITS } from "#datasets/limits.ts";
import type { PickedFile } from "#workers/picturesProtocol.ts";

/** What a file field gave, with the folders that it was chosen in. */
export const pickedFrom = (files: Iterable<File>): readonly PickedFile[] =>
  Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Everything that was dropped, folders with all that is in them. The entries are asked for at once: they are gone after the
 *  event. Never rejects; what cannot be read is left out. */
export async function droppedFrom({ items, files }: DataTransfer): Promise<readonly PickedFile[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry());
  if (!entries.some((entry) => entry?.isDirectory)) return pickedFrom(files);
  const found: PickedFile[] = [];
  for (const entry of entries) if (entry) await gather(entry, found);
  return found;
}

/** One more than an import takes: it refuses them all then, and nobody walks a whole disk. */
const MOST = IMPORT_LIMITS.files + 1;

async function gather(entry: FileSystemEntry, found: PickedFile[]): Promise<void> {
  if (found.length >= MOST) return;
  if (isFile(entry)) {
    const file = await new Promise<File | null>((resolve) => entry.file(resolve, () => resolve(null)));
    if (file) found.push({ path: entry.fullPath.replace(/^\//, ""), file });
  }
  if (!isDirectory(entry)) return;
  const reader = entry.createReader();
  while (found.length < MOST) {
    // A reader gives a hundred entries a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (some.length === 0) return;
    for (const one of some) await gather(one, found);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
