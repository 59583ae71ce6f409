import { strToU8 } from "fflate";
import { crc32 } from "#bytes/crc32.ts";

/** What one test entry looks like; fields that are left out are right. */
export interface ZipBytesEntry {
  name: string;
  content?: Uint8Array;
  method?: number;
  flags?: number;
  /** Unix file type and permissions, as archivers on Unix store them. */
  unixMode?: number;
  size?: number;
  packed?: Uint8Array;
  crc?: number;
  localName?: string;
  localOffset?: number;
  zip64?: boolean;
}

const le = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** A zip built field by field, so that each can be wrong. `disk` is the number of this disk. */
export function zip(
  entries: readonly ZipBytesEntry[],
  { disk = 0, count = entries.length, gap = 0, zip64 = false } = {},
): Uint8Array {
  const body: number[] = [];
  const directory: number[] = [];
  for (const entry of entries) {
    const content = entry.content ?? strToU8("hello");
    const packed = entry.packed ?? content;
    const size = entry.size ?? content.length;
    const offset = entry.localOffset ?? body.length;
    const common = [
      ...le(20, 2),
      ...le(entry.flags ?? 0, 2),
      ...le(entry.method ?? 0, 2),
      ...le(0, 4),
      ...le(entry.crc ?? crc32(content), 4),
    ];
    const name = [...strToU8(entry.name)];
    const localName = [...strToU8(entry.localName ?? entry.name)];
    const wide = entry.zip64
      ? [...le(1, 2), ...le(24, 2), ...le(size, 8), ...le(packed.length, 8), ...le(offset, 8)]
      : [];
    const field = (value: number) => (entry.zip64 ? le(0xffffffff, 4) : le(value, 4));
    if (entry.localOffset === undefined)
      body.push(
        ...le(0x04034b50, 4),
        ...common,
        ...le(packed.length, 4),
        ...le(size, 4),
        ...le(localName.length, 2),
        ...le(0, 2),
        ...localName,
        ...packed,
      );
    const madeBy = entry.unixMode === undefined ? 20 : (3 << 8) | 20; // 3: Unix
    directory.push(
      ...le(0x02014b50, 4),
      ...le(madeBy, 2),
      ...common,
      ...field(packed.length),
      ...field(size),
    );
    directory.push(
      ...le(name.length, 2),
      ...le(wide.length, 2),
      ...le(0, 2),
      ...le(0, 2),
      ...le(0, 2),
      ...le((entry.unixMode ?? 0) * 2 ** 16, 4),
      ...field(offset),
      ...name,
      ...wide,
    );
  }
  const start = body.length;
  const record64 = zip64
    ? [
        ...le(0x06064b50, 4),
        ...le(44, 8),
        ...le(45, 2),
        ...le(45, 2),
        ...le(0, 8),
        ...le(count, 8),
        ...le(count, 8),
        ...le(directory.length, 8),
        ...le(start, 8),
      ]
    : [];
  const locator = zip64
    ? [...le(0x07064b50, 4), ...le(0, 4), ...le(start + directory.length, 8), ...le(1, 4)]
    : [];
  const counts = zip64
    ? [...le(0xffff, 2), ...le(0xffff, 2), ...le(0xffffffff, 4), ...le(0xffffffff, 4)]
    : [...le(count, 2), ...le(count, 2), ...le(directory.length + gap, 4), ...le(start, 4)];
  const end = [...le(0x06054b50, 4), ...le(disk, 2), ...le(disk, 2), ...counts, ...le(0, 2)];
  return Uint8Array.from([
    ...body,
    ...directory,
    ...new Array<number>(gap).fill(0),
    ...record64,
    ...locator,
    ...end,
  ]);
}
