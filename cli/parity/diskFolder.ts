import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CaseFolder } from "./caseFolder.ts";

/** The folder at `path`. Rejects when it cannot be listed. */
export async function diskFolder(path: string): Promise<CaseFolder> {
  const entries = await readdir(path, { withFileTypes: true });
  return {
    files: entries.filter((entry) => entry.isFile()).map((entry) => entry.name),
    // A name from a case file must not lead out of the folder.
    read: (name) => readFile(join(path, basename(name))),
  };
}

/** Paths of the folders in `path` that hold `file`. */
export async function foldersWith(path: string, file: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
    const inner = join(path, entry.name);
    if ((await readdir(inner)).includes(file)) found.push(inner);
  }
  return found.sort();
}
