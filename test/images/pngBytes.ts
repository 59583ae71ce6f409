import { crc32 } from "#bytes/crc32.ts";

/** A PNG chunk with a right CRC. */
export function chunk(type: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** An IHDR chunk. */
export function ihdr(
  width: number,
  height: number,
  depth = 8,
  colour = 2,
  rest: readonly number[] = [0, 0, 0],
): Uint8Array {
  const data = new Uint8Array(13);
  new DataView(data.buffer).setUint32(0, width);
  new DataView(data.buffer).setUint32(4, height);
  data.set([depth, colour, ...rest], 8);
  return chunk("IHDR", data);
}

/** A PNG of these chunks. */
export const png = (...chunks: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...chunks.flatMap((c) => [...c])]);
