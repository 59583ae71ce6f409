import { crc32 } from "#bytes/crc32.ts";
import { inflate } from "#bytes/inflate.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import {
  findZipDirectory,
  isSameEntry,
  LOCAL_HEADER_BYTES,
  localHeaderBytes,
  readZipHeader,
  startsLikeZip,
  type ZipError,
  type ZipHeader,
  zipHeaderProblem,
} from "#bytes/zipRecords.ts";

export interface ZipEntry {
  /** Path inside the archive, with / between folders; a folder's own entry ends with one. */
  readonly name: string;
  /** Bytes once read. */
  readonly size: number;
  readonly crc: number;
  readonly method: "stored" | "deflated";
  /** The bytes as they lie in the archive, a view. */
  readonly packed: Uint8Array;
}

export type ZipArchive = ReadonlyMap<string, ZipEntry>;

/** An archive may unpack to this many times its size, and to `smallBytes` in any case. Pictures and weights hardly
 *  shrink and text shrinks about ten times; a bomb grows a thousandfold. */
const largestGrowth = 32;
const smallBytes = 2 ** 20;

/** Lists the entries of a zip archive, stored or deflated, zip64 included. Contents are not touched: `readZipEntry`.
 *  Refused as a whole: a name that leads out of a folder, a symbolic link, two entries of one name or on the same bytes, encryption,
 *  several disks, and more declared bytes than 32 times the file + 1 MiB.
 *  Total: returns for every byte string, never throws; allocates in proportion to the directory alone.
 *  Source: PKWARE APPNOTE 6.3.10, §4.3. */
export function readZip(bytes: Uint8Array): Result<ZipArchive, ZipError> {
  if (!startsLikeZip(bytes)) return fail({ kind: "NotZip" });
  const directory = findZipDirectory(bytes, 0);
  if (!directory.ok) return directory;

  const archive = new Map<string, ZipEntry>();
  const spans: { name: string; begin: number; end: number }[] = [];
  let unpackedBytes = 0;
  let at = directory.value.start;
  for (let i = 0; i < directory.value.count; i++) {
    const header = readZipHeader(bytes, 0, at, directory.value.end);
    if (!header.ok) return header;
    const read = readEntry(bytes, header.value);
    if (!read.ok) return read;
    const entry = read.value;
    if (archive.has(entry.name)) return fail({ kind: "DuplicateEntry", entry: entry.name });
    archive.set(entry.name, entry);
    spans.push({
      name: entry.name,
      begin: header.value.begin,
      end: entry.packed.byteOffset - bytes.byteOffset + entry.packed.length,
    });
    unpackedBytes += entry.size;
    at = header.value.next;
  }
  if (at !== directory.value.end)
    return fail({ kind: "DirectoryDamaged", at, detail: "bytes after its last entry" });
  const limitBytes = largestGrowth * bytes.length + smallBytes;
  if (unpackedBytes > limitBytes) return fail({ kind: "ArchiveTooLarge", unpackedBytes, limitBytes });

  spans.sort((a, b) => a.begin - b.begin);
  for (let i = 1; i < spans.length; i++)
    if (spans[i].begin < spans[i - 1].end) return fail({ kind: "EntriesOverlap", entry: spans[i].name });
  if (spans.length > 0 && spans[spans.length - 1].end > directory.value.start)
    return fail({ kind: "EntriesOverlap", entry: spans[spans.length - 1].name });
  return ok(archive);
}

/** Content of an entry, with its length and CRC-32 checked; a stored one is a view of the archive. Total: never throws. */
export function readZipEntry(entry: ZipEntry): Result<Uint8Array, ZipError> {
  let content = entry.packed;
  if (entry.method === "deflated") {
    const inflated = inflate(entry.packed, entry.size);
    if (!inflated.ok) return fail({ kind: "EntryInflateFailed", entry: entry.name, error: inflated.error });
    content = inflated.value;
  }
  return crc32(content) === entry.crc ? ok(content) : fail({ kind: "CrcMismatch", entry: entry.name });
}

/** One entry of the directory, checked against the entry's own header. */
function readEntry(bytes: Uint8Array, header: ZipHeader): Result<ZipEntry, ZipError> {
  const { name, begin, packedSize, size, crc, method } = header;
  const problem = zipHeaderProblem(header);
  if (problem) return fail(problem);
  const local = bytes.subarray(begin, begin + LOCAL_HEADER_BYTES);
  const headerBytes = localHeaderBytes(local, name);
  if (!headerBytes.ok) return headerBytes;
  const dataAt = begin + headerBytes.value;
  if (dataAt + packedSize > bytes.length)
    return fail({ kind: "EntryDamaged", entry: name, detail: "it reaches past the end of the file" });
  if (!isSameEntry(bytes.subarray(begin, dataAt), header))
    return fail({ kind: "EntryDamaged", entry: name, detail: "its two headers differ" });
  const packed = bytes.subarray(dataAt, dataAt + packedSize);
  return ok({ name, size, crc, method: method === 8 ? "deflated" : "stored", packed });
}
