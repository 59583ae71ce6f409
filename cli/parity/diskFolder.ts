import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CaseFolder } from "./caseFolder.ts";

/** The folder at `path`. Rejects when it cannot be listed. */
export async function diskFolder(path: string): Promise<CaseFolder> {
  return {
    files: (await list(path)).filter((entry) => entry.kind === "file").map((entry) => entry.name),
    // A name from a case file must not lead out of the folder.
    read: (name) => readFile(join(path, basename(name))),
  };
}

/** Paths of the folders in `path` that hold `file`. */
export async function foldersWith(path: string, file: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name, kind } of await list(path)) {
    const inner = join(path, name);
    if (kind === "folder" && (await readdir(inner)).includes(file)) found.push(inner);
  }
  return found.sort();
}

/** What lies in a folder, links followed. A link that leads nowhere counts as a file: reading it then fails aloud. */
async function list(path: string): Promise<{ name: string; kind: "file" | "folder" | "other" }[]> {
  return Promise.all(
    (await readdir(path)).map(async (name) => {
      const stats = await stat(join(path, name)).catch(() => null);
      return { name, kind: !stats || stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other" };
    }),
  );
}
