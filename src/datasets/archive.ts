import { crc32 } from "#bytes/crc32.ts";
import { inflate } from "#bytes/inflate.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import {
  describeZipError,
  findZipDirectory,
  isSameEntry,
  LOCAL_HEADER_BYTES,
  localHeaderBytes,
  readZipHeader,
  ZIP_TAIL_BYTES,
  type ZipDirectory,
  type ZipError,
  type ZipHeader,
  zipHeaderProblem,
} from "#bytes/zipRecords.ts";
import type { RefusedFile } from "./dataset.ts";
import { IMPORT_LIMITS } from "./limits.ts";
import type { Refusal } from "./refusal.ts";

/** Bytes that are read a part at a time, as those of a File. */
export interface ByteSource {
  readonly bytes: number;
  /** Bytes from … to − 1. Rejects when they cannot be read: the file was changed or deleted. */
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file in an archive. */
export interface ArchiveEntry {
  /** With / between folders. */
  readonly path: string;
  /** Declared; what unpacks to another length is refused. */
  readonly bytes: number;
  /** The unpacked bytes, checked by length and CRC-32. Takes them and the packed ones. */
  read(): Promise<Result<Uint8Array<ArrayBuffer>, Refusal>>;
}

export interface Archive {
  readonly entries: readonly ArchiveEntry[];
  readonly refused: readonly RefusedFile[];
}

const bad = (error: ZipError): Refusal => ({ kind: "BadArchive", detail: describeZipError(error) });

/** Opens a zip archive of any size by its directory: nothing but that is read now, and later one entry at a time. Refused
 *  as a whole: a damaged directory, entries that share bytes, and more declared bytes than a picture archive can have
 *  (IMPORT_LIMITS). Refused one by one, and listed: links, names that lead out of a folder or come twice, encryption,
 *  unknown methods, files that are too large. Folders are no entries. Never throws but what `source` rejects with. */
export async function openArchive(source: ByteSource): Promise<Result<Archive, Refusal>> {
  const tailAt = Math.max(0, source.bytes - ZIP_TAIL_BYTES);
  const directory = findZipDirectory(await source.read(tailAt, source.bytes), tailAt);
  if (!directory.ok) return fail(bad(directory.error));
  const listed = await readHeaders(source, directory.value);
  if (!listed.ok) return listed;
  const headers = listed.value;

  const unpackedBytes = headers.reduce((sum, { size }) => sum + size, 0);
  const limitBytes = IMPORT_LIMITS.archiveGrowth * source.bytes + IMPORT_LIMITS.archiveBytes;
  if (unpackedBytes > limitBytes) return fail({ kind: "ArchiveTooLarge", unpackedBytes, limitBytes });

  // Each entry ends where the next one begins, in the order of bytes.
  const inOrder = [...headers].sort((a, b) => a.begin - b.begin);
  const ends = new Map<ZipHeader, number>();
  for (const [i, header] of inOrder.entries()) {
    const end = inOrder[i + 1]?.begin ?? directory.value.start;
    if (header.begin + LOCAL_HEADER_BYTES + header.nameBytes.length + header.packedSize > end)
      return fail(bad({ kind: "EntriesOverlap", entry: (inOrder[i + 1] ?? header).name }));
    ends.set(header, end);
  }

  const entries: ArchiveEntry[] = [];
  const refused: RefusedFile[] = [];
  const names = new Set<string>();
  for (const header of headers) {
    if (/[\\/]$/.test(header.name)) continue;
    const problem = problemOf(header, names);
    names.add(header.name);
    const path = header.name.replaceAll("\\", "/");
    if (problem) refused.push({ name: path, reason: problem });
    else
      entries.push({
        path,
        bytes: header.size,
        read: () => readEntry(source, header, ends.get(header) ?? 0),
      });
  }
  return ok({ entries, refused });
}

async function readHeaders(
  source: ByteSource,
  directory: ZipDirectory,
): Promise<Result<ZipHeader[], Refusal>> {
  const { start, end, count } = directory;
  if (end - start > IMPORT_LIMITS.directoryBytes)
    return fail({
      kind: "BadArchive",
      detail: `Its directory has ${end - start} bytes; at most ${IMPORT_LIMITS.directoryBytes} are read.`,
    });
  const bytes = await source.read(start, end);
  const headers: ZipHeader[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const header = readZipHeader(bytes, start, at, end);
    if (!header.ok) return fail(bad(header.error));
    headers.push(header.value);
    at = header.value.next;
  }
  return at === end
    ? ok(headers)
    : fail(bad({ kind: "DirectoryDamaged", at, detail: "bytes after its last entry" }));
}

function problemOf(header: ZipHeader, names: ReadonlySet<string>): Refusal | null {
  const problem = zipHeaderProblem(header);
  if (problem) return bad(problem);
  if (names.has(header.name)) return bad({ kind: "DuplicateEntry", entry: header.name });
  const bytes = Math.max(header.size, header.packedSize);
  const limitBytes = IMPORT_LIMITS.fileBytes;
  return bytes > limitBytes ? { kind: "FileTooLarge", bytes, limitBytes } : null;
}

/** Reads an entry whose bytes end at byte `end` of the archive at the latest. */
async function readEntry(
  source: ByteSource,
  header: ZipHeader,
  end: number,
): Promise<Result<Uint8Array<ArrayBuffer>, Refusal>> {
  const { name, begin, packedSize, size, method, crc } = header;
  const fixed = await source.read(begin, Math.min(begin + LOCAL_HEADER_BYTES, source.bytes));
  const headerBytes = localHeaderBytes(fixed, name);
  if (!headerBytes.ok) return fail(bad(headerBytes.error));
  const dataAt = begin + headerBytes.value;
  if (dataAt + packedSize > end) return fail(bad({ kind: "EntriesOverlap", entry: name }));
  const all = await source.read(begin, dataAt + packedSize);
  if (!isSameEntry(all, header))
    return fail(bad({ kind: "EntryDamaged", entry: name, detail: "its two headers differ" }));
  const packed = all.slice(headerBytes.value);
  let content = packed;
  if (method === 8) {
    const inflated = inflate(packed, size);
    if (!inflated.ok) return fail(bad({ kind: "EntryInflateFailed", entry: name, error: inflated.error }));
    content = inflated.value;
  }
  return crc32(content) === crc ? ok(content) : fail(bad({ kind: "CrcMismatch", entry: name }));
}
