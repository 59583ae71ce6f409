import { describeInflateError, type InflateError } from "./inflate.ts";
import { fail, ok, type Result } from "./result.ts";
import { decodeUtf8 } from "./utf8.ts";

/** The records of a zip archive, for readers that have all of its bytes and for those that have a part at a time.
 *  Source: PKWARE APPNOTE 6.3.10, §4.3. */
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

/** Where the directory lies in the file. */
export interface ZipDirectory {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** One entry as the directory describes it. */
export interface ZipHeader {
  /** Path inside the archive, with / between folders; a folder's own entry ends with one. */
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  /** Bytes once unpacked, and as they lie in the archive. */
  readonly size: number;
  readonly packedSize: number;
  /** Where the entry's own header begins in the file. */
  readonly begin: number;
  readonly isLink: boolean;
  /** Where the next one begins in the directory. */
  readonly next: number;
}

/** Fixed bytes of an entry's own header, before name and extra field. */
export const LOCAL_HEADER_BYTES = 30;
/** The end of a file that holds the end record whatever its comment, and zip64's two records before it. */
export const ZIP_TAIL_BYTES = 22 + 0xffff + 20 + 56;

export const startsLikeZip = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && [0x04034b50, 0x06054b50].includes(viewOf(bytes).getUint32(0, true));

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Finds the directory by the end record, which lies in the last 22 + 65,535 bytes and whose comment reaches exactly to the
 *  end. `tail` is the end of the file from byte `tailAt` on: at least ZIP_TAIL_BYTES of it, or all. Total. */
export function findZipDirectory(tail: Uint8Array, tailAt: number): Result<ZipDirectory, ZipError> {
  const view = viewOf(tail);
  const last = tail.length - 22;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== 0x06054b50 || view.getUint16(at + 20, true) !== last - at) continue;
    if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0)
      return fail({ kind: "SeveralDisks" });
    const count = view.getUint16(at + 10, true);
    const bytes = view.getUint32(at + 12, true);
    const start = view.getUint32(at + 16, true);
    const saturated = count === 0xffff || bytes === 0xffffffff || start === 0xffffffff;
    return saturated && at >= 20 && view.getUint32(at - 20, true) === 0x07064b50
      ? findDirectory64(view, tailAt, at - 20)
      : directory(start, bytes, count, tailAt + at);
  }
  return fail({ kind: "NoDirectory" });
}

function findDirectory64(view: DataView, tailAt: number, locatorAt: number): Result<ZipDirectory, ZipError> {
  const at = uint64(view, locatorAt + 8) - tailAt;
  if (at < 0 || at > locatorAt - 56 || view.getUint32(at, true) !== 0x06064b50)
    return fail({ kind: "DirectoryDamaged", at: tailAt + locatorAt, detail: "no zip64 record" });
  return directory(uint64(view, at + 48), uint64(view, at + 40), uint64(view, at + 32), tailAt + at);
}

function directory(
  start: number,
  bytes: number,
  count: number,
  limit: number,
): Result<ZipDirectory, ZipError> {
  const end = start + bytes;
  if (end > limit)
    return fail({ kind: "DirectoryDamaged", at: start, detail: `${bytes} bytes do not fit before ${limit}` });
  return ok({ start, end, count });
}

/** As a double: exact up to 2⁵³, and what is larger is refused as too large anyway. */
const uint64 = (view: DataView, at: number): number =>
  view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);

/** The directory's entry at byte `at` of the file; `bytes` are the file's from `bytesAt` on and hold the directory up to
 *  `end`. Total; nothing is said yet of whether the entry can be read. */
export function readZipHeader(
  bytes: Uint8Array,
  bytesAt: number,
  at: number,
  end: number,
): Result<ZipHeader, ZipError> {
  const damaged = (detail: string) => fail<ZipError>({ kind: "DirectoryDamaged", at, detail });
  const view = viewOf(bytes);
  const from = at - bytesAt;
  if (at + 46 > end || view.getUint32(from, true) !== 0x02014b50)
    return damaged("an entry's header is missing");
  const extraAt = from + 46 + view.getUint16(from + 28, true);
  const commentAt = extraAt + view.getUint16(from + 30, true);
  const next = bytesAt + commentAt + view.getUint16(from + 32, true);
  if (next > end) return damaged("an entry reaches past its end");
  const nameBytes = bytes.subarray(from + 46, extraAt);
  const [size, packedSize, begin] = widened(view, extraAt, commentAt, [from + 24, from + 20, from + 42]);
  return ok({
    name: decodeUtf8(nameBytes) ?? new TextDecoder("latin1").decode(nameBytes), // old tools write a code page
    nameBytes,
    flags: view.getUint16(from + 8, true),
    method: view.getUint16(from + 10, true),
    crc: view.getUint32(from + 16, true),
    size,
    packedSize,
    begin,
    isLink: isUnixLink(view.getUint16(from + 4, true), view.getUint32(from + 38, true)),
    next,
  });
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

/** Why an entry is not read, by what the directory says of it; null when nothing speaks against it. */
export function zipHeaderProblem({
  name,
  isLink,
  flags,
  method,
  size,
  packedSize,
}: ZipHeader): ZipError | null {
  if (!isSafePath(name)) return { kind: "UnsafePath", entry: name };
  if (isLink) return { kind: "LinkEntry", entry: name };
  if (flags & 1) return { kind: "Encrypted", entry: name };
  if (method !== 0 && method !== 8) return { kind: "UnsupportedMethod", entry: name, method };
  if (method === 0 && size !== packedSize)
    return {
      kind: "EntryDamaged",
      entry: name,
      detail: `stored, but ${size} bytes out of ${packedSize}`,
    };
  return null;
}

function isSafePath(name: string): boolean {
  if (name === "" || name.includes("\0") || /^[A-Za-z]:/.test(name) || /^[\\/]/.test(name)) return false;
  return !name.split(/[\\/]/).includes("..");
}

/** Bytes of an entry's own header, by its fixed part `local` (LOCAL_HEADER_BYTES, or fewer where the file ends). */
export function localHeaderBytes(local: Uint8Array, name: string): Result<number, ZipError> {
  const view = viewOf(local);
  if (local.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== 0x04034b50)
    return fail({ kind: "EntryDamaged", entry: name, detail: "its own header is missing" });
  return ok(LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true));
}

/** Whether an entry's own header, whole in `local`, says what the directory says: name and method. */
export function isSameEntry(local: Uint8Array, { nameBytes, method }: ZipHeader): boolean {
  const view = viewOf(local);
  return (
    view.getUint16(26, true) === nameBytes.length &&
    nameBytes.every((byte, i) => byte === local[LOCAL_HEADER_BYTES + i]) &&
    view.getUint16(8, true) === method
  );
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
