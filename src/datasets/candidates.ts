import { fail, ok, type Result } from "#bytes/result.ts";
import { openArchive } from "./archive.ts";
import type { RefusedFile } from "./dataset.ts";
import { IMPORT_LIMITS } from "./limits.ts";
import type { Refusal } from "./refusal.ts";

/** A file that somebody chose or dropped. */
export interface PickedFile {
  /** Its folders and name, with /; the name alone where it was chosen without a folder. */
  readonly path: string;
  readonly file: Blob;
}

/** A file that may become an image: one that was picked, or one in a picked archive. */
export interface Candidate {
  readonly path: string;
  readonly bytes: number;
  /** The first bytes, enough to see what kind of file it is; null where nothing is to be gained by asking for them. */
  head(): Promise<Uint8Array | null>;
  read(): Promise<Result<Uint8Array<ArrayBuffer>, Refusal>>;
}

export interface Candidates {
  /** In the natural order of paths (2 before 10), whatever order the browser listed them in. */
  readonly files: readonly Candidate[];
  readonly refused: readonly RefusedFile[];
}

export interface TooManyFiles {
  readonly kind: "TooManyFiles";
  readonly count: number;
  readonly limit: number;
}

const HEAD_BYTES = 512;

/** Opens the archives among the picked files and lists everything that may become an image. Files of the operating system
 *  are refused here, and archives that cannot be read. Reads nothing but the archives' directories. */
export async function listCandidates(
  picked: readonly PickedFile[],
): Promise<Result<Candidates, TooManyFiles>> {
  const files: Candidate[] = [];
  const refused: RefusedFile[] = [];
  const refuse = (name: string, reason: Refusal) => refused.push({ name, reason });
  for (const { path, file } of picked) {
    if (isSystemFile(path)) refuse(path, { kind: "SystemFile" });
    else if (/\.zip$/i.test(path)) {
      const listed = await listArchive(path, file);
      files.push(...listed.files);
      refused.push(...listed.refused);
    } else files.push(candidate(path, file));
    // Refused files count as well: they are listed, and a list has an end.
    const count = files.length + refused.length;
    if (count > IMPORT_LIMITS.files)
      return fail({
        kind: "TooManyFiles",
        count: Math.max(count, picked.length),
        limit: IMPORT_LIMITS.files,
      });
  }
  const collator = new Intl.Collator("en", { numeric: true });
  const byPath = (a: string, b: string) => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
  return ok({ files: files.sort((a, b) => byPath(a.path, b.path)), refused });
}

async function listArchive(path: string, file: Blob): Promise<Candidates> {
  const inside = `${path.replace(/\.zip$/i, "")}/`;
  try {
    const archive = await openArchive({
      bytes: file.size,
      read: async (from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer()),
    });
    if (!archive.ok) return { files: [], refused: [{ name: path, reason: archive.error }] };
    const refused: RefusedFile[] = archive.value.refused.map(({ name, reason }) => ({
      name: inside + name,
      reason,
    }));
    const files: Candidate[] = [];
    for (const entry of archive.value.entries) {
      const name = inside + entry.path;
      if (isSystemFile(entry.path)) refused.push({ name, reason: { kind: "SystemFile" } });
      else if (/\.zip$/i.test(name)) refused.push({ name, reason: { kind: "ArchiveInArchive" } });
      else
        files.push({
          path: name,
          bytes: entry.bytes,
          head: async () => null, // an entry is unpacked as a whole or not at all
          read: () => guarded(entry.read),
        });
    }
    return { files, refused };
  } catch (cause) {
    return { files: [], refused: [{ name: path, reason: unreadable(cause) }] };
  }
}

const candidate = (path: string, file: Blob): Candidate => ({
  path,
  bytes: file.size,
  head: async () => new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()),
  read: () => guarded(async () => ok(new Uint8Array(await file.arrayBuffer()))),
});

async function guarded(
  read: () => Promise<Result<Uint8Array<ArrayBuffer>, Refusal>>,
): Promise<Result<Uint8Array<ArrayBuffer>, Refusal>> {
  try {
    return await read();
  } catch (cause) {
    return fail(unreadable(cause));
  }
}

/** Of a file that was changed or deleted since it was picked. */
export const unreadable = (cause: unknown): Refusal => ({
  kind: "Unreadable",
  detail: cause instanceof Error ? cause.message || cause.name : String(cause),
});

/** What systems leave in folders and archives without anybody asking: hidden files, thumbnails, resource forks. */
export function isSystemFile(path: string): boolean {
  const parts = path.split("/");
  const name = parts[parts.length - 1].toLowerCase();
  return (
    parts.some((part) => part.startsWith(".") || part === "__MACOSX") ||
    ["thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"].includes(name)
  );
}
