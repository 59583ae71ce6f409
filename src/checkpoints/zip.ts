import { crc32 } from "#bytes/crc32.ts";
import { describeInflateError, type InflateError, inflate } from "#bytes/inflate.ts";
import { fail, ok, type Result } from "#bytes/result.ts";
import { decodeUtf8 } from "#bytes/utf8.ts";

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

export type ZipError =
  | { kind: "NotZip" }
  | { kind: "NoDirectory" }
  | { kind: "DirectoryDamaged"; at: number; detail: string }
  | { kind: "SeveralDisks" }
  | { kind: "Encrypted"; entry: string }
  | { kind: "UnsupportedMethod"; entry: string; method: number }
  | { kind: "UnsafePath"; entry: string }
  | { kind: "LinkEntry"; entry: string }
  | { kind: "DuplicateEntry"; entry: string }
  | { kind: "EntryDamaged"; entry: string; detail: string }
  | { kind: "EntriesOverlap"; entry: string }
  | { kind: "ArchiveTooLarge"; unpackedBytes: number; limitBytes: number }
  | { kind: "EntryInflateFailed"; entry: string; error: InflateError }
  | { kind: "CrcMismatch"; entry: string };

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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || ![0x04034b50, 0x06054b50].includes(view.getUint32(0, true)))
    return fail({ kind: "NotZip" });
  const directory = findDirectory(view);
  if (!directory.ok) return directory;

  const archive = new Map<string, ZipEntry>();
  const spans: { name: string; begin: number; end: number }[] = [];
  let unpackedBytes = 0;
  let at = directory.value.start;
  for (let i = 0; i < directory.value.count; i++) {
    const read = readHeader(bytes, view, at, directory.value.end);
    if (!read.ok) return read;
    const { entry, begin, next } = read.value;
    if (archive.has(entry.name)) return fail({ kind: "DuplicateEntry", entry: entry.name });
    archive.set(entry.name, entry);
    spans.push({
      name: entry.name,
      begin,
      end: entry.packed.byteOffset - bytes.byteOffset + entry.packed.length,
    });
    unpackedBytes += entry.size;
    at = next;
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

interface Directory {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** The end record lies in the last 22 + 65,535 bytes, and its comment reaches exactly to the end of the file. */
function findDirectory(view: DataView): Result<Directory, ZipError> {
  const last = view.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== 0x06054b50 || view.getUint16(at + 20, true) !== last - at) continue;
    if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0)
      return fail({ kind: "SeveralDisks" });
    const count = view.getUint16(at + 10, true);
    const bytes = view.getUint32(at + 12, true);
    const start = view.getUint32(at + 16, true);
    const saturated = count === 0xffff || bytes === 0xffffffff || start === 0xffffffff;
    return saturated && at >= 20 && view.getUint32(at - 20, true) === 0x07064b50
      ? findDirectory64(view, at - 20)
      : directory(start, bytes, count, at);
  }
  return fail({ kind: "NoDirectory" });
}

function findDirectory64(view: DataView, locatorAt: number): Result<Directory, ZipError> {
  const at = uint64(view, locatorAt + 8);
  if (at > locatorAt - 56 || view.getUint32(at, true) !== 0x06064b50)
    return fail({ kind: "DirectoryDamaged", at: locatorAt, detail: "no zip64 record" });
  return directory(uint64(view, at + 48), uint64(view, at + 40), uint64(view, at + 32), at);
}

function directory(start: number, bytes: number, count: number, limit: number): Result<Directory, ZipError> {
  const end = start + bytes;
  if (end > limit)
    return fail({ kind: "DirectoryDamaged", at: start, detail: `${bytes} bytes do not fit before ${limit}` });
  return ok({ start, end, count });
}

/** As a double: exact up to 2⁵³, and what is larger is refused as too large anyway. */
const uint64 = (view: DataView, at: number): number =>
  view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);

/** One entry of the directory, checked against the entry's own header. `begin` is where that header starts. */
function readHeader(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
): Result<{ entry: ZipEntry; begin: number; next: number }, ZipError> {
  const damaged = (detail: string) => fail<ZipError>({ kind: "DirectoryDamaged", at, detail });
  if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
    return damaged("an entry's header is missing");
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const extraAt = at + 46 + view.getUint16(at + 28, true);
  const commentAt = extraAt + view.getUint16(at + 30, true);
  const next = commentAt + view.getUint16(at + 32, true);
  if (next > end) return damaged("an entry reaches past its end");
  const nameBytes = bytes.subarray(at + 46, extraAt);
  const name = decodeUtf8(nameBytes) ?? new TextDecoder("latin1").decode(nameBytes); // old tools write a code page
  const [size, packedSize, begin] = widened(view, extraAt, commentAt, [at + 24, at + 20, at + 42]);

  if (!isSafePath(name)) return fail({ kind: "UnsafePath", entry: name });
  if (isUnixLink(view.getUint16(at + 4, true), view.getUint32(at + 38, true)))
    return fail({ kind: "LinkEntry", entry: name });
  if (flags & 1) return fail({ kind: "Encrypted", entry: name });
  if (method !== 0 && method !== 8) return fail({ kind: "UnsupportedMethod", entry: name, method });
  if (method === 0 && size !== packedSize)
    return fail({
      kind: "EntryDamaged",
      entry: name,
      detail: `stored, but ${size} bytes out of ${packedSize}`,
    });

  if (begin + 30 > bytes.length || view.getUint32(begin, true) !== 0x04034b50)
    return fail({ kind: "EntryDamaged", entry: name, detail: "its own header is missing" });
  const nameEnd = begin + 30 + view.getUint16(begin + 26, true);
  const dataAt = nameEnd + view.getUint16(begin + 28, true);
  if (dataAt + packedSize > bytes.length)
    return fail({ kind: "EntryDamaged", entry: name, detail: "it reaches past the end of the file" });
  const sameName =
    nameEnd - begin - 30 === nameBytes.length && nameBytes.every((byte, i) => byte === bytes[begin + 30 + i]);
  if (!sameName || view.getUint16(begin + 8, true) !== method)
    return fail({ kind: "EntryDamaged", entry: name, detail: "its two headers differ" });
  const packed = bytes.subarray(dataAt, dataAt + packedSize);
  const entry: ZipEntry = {
    name,
    size,
    crc: view.getUint32(at + 16, true),
    method: method === 8 ? "deflated" : "stored",
    packed,
  };
  return ok({ entry, begin, next });
}

/** 32-bit fields of which the full ones stand in the zip64 extra field, in this order. APPNOTE §4.5.3. */
function widened(view: DataView, from: number, to: number, fields: readonly number[]): number[] {
  const values = fields.map((field) => view.getUint32(field, true));
  for (let at = from; at + 4 <= to; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const end = Math.min(to, at + 4 + view.getUint16(at + 2, true));
    let next = at + 4;
    for (const [i, value] of values.entries())
      if (value === 0xffffffff && next + 8 <= end) {
        values[i] = uint64(view, next);
        next += 8;
      }
    break;
  }
  return values;
}

/** Archivers on Unix (made by 3) and macOS (19) keep the file's mode in the upper half of the external attributes. */
function isUnixLink(madeBy: number, attributes: number): boolean {
  return [3, 19].includes(madeBy >>> 8) && ((attributes >>> 16) & 0o170000) === 0o120000;
}

function isSafePath(name: string): boolean {
  if (name === "" || name.includes("\0") || /^[A-Za-z]:/.test(name) || /^[\\/]/.test(name)) return false;
  return !name.split(/[\\/]/).includes("..");
}

/** One sentence about an error of this file. */
export function describeZipError(error: ZipError): string {
  switch (error.kind) {
    case "NotZip":
      return "The file is not a zip archive.";
    case "NoDirectory":
      return "The zip archive has no directory: it is cut short.";
    case "DirectoryDamaged":
      return `The zip archive's directory is damaged at byte ${error.at}: ${error.detail}.`;
    case "SeveralDisks":
      return "The zip archive is one of several parts.";
    case "Encrypted":
      return `${error.entry} is encrypted.`;
    case "UnsupportedMethod":
      return `${error.entry} is packed by method ${error.method}; stored and deflated entries are read.`;
    case "UnsafePath":
      return `The entry ${JSON.stringify(error.entry)} leads out of its folder.`;
    case "LinkEntry":
      return `The entry ${JSON.stringify(error.entry)} is a link, not a file.`;
    case "DuplicateEntry":
      return `The zip archive has ${error.entry} twice.`;
    case "EntryDamaged":
      return `${error.entry} is damaged: ${error.detail}.`;
    case "EntriesOverlap":
      return `${error.entry} lies on bytes of another entry.`;
    case "ArchiveTooLarge":
      return `The zip archive would unpack to ${error.unpackedBytes} bytes; at most ${error.limitBytes} are allowed for its size.`;
    case "EntryInflateFailed":
      return `${error.entry} cannot be unpacked: ${describeInflateError(error.error)}.`;
    case "CrcMismatch":
      return `${error.entry} is damaged: its checksum is wrong.`;
  }
}
