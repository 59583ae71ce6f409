import { zlibSync } from "fflate";
import { crc32 } from "#bytes/crc32.ts";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Bytes of a square 8-bit RGB PNG. No row filter: on flat drawings LZ77 finds whole repeated rows, and the files are a
 *  third smaller than with Paeth (3.5 kB against 5.1 at 128 px). Compressed by fflate, which is plain JavaScript of a
 *  pinned version, so that the bytes do not follow the zlib of the machine. */
export function encodeFlatPng(rgb: Uint8Array, size: number): Uint8Array {
  const stride = size * 3;
  const rows = new Uint8Array(size * (1 + stride)); // each row begins with its filter, 0
  for (let y = 0; y < size; y++) rows.set(rgb.subarray(y * stride, (y + 1) * stride), y * (1 + stride) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2], 8); // 8 bits, RGB
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
