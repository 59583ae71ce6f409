/** The smallest whole files of the formats that are measured here and decoded by the browser, for tests. */
const text = (words: string): number[] => [...new TextEncoder().encode(words)];
const le16 = (n: number): number[] => [n & 255, (n >>> 8) & 255];
const le32 = (n: number): number[] => [...le16(n & 0xffff), ...le16(n >>> 16)];
const be32 = (n: number): number[] => le32(n).reverse();

/** A GIF of one flat picture. Each pixel's code follows a clear code, so that codes stay at three bits. */
export function gif(width: number, height: number): Uint8Array {
  const [clear, colour, end] = [4, 1, 5];
  const codes = [...Array.from({ length: width * height }, () => [clear, colour]).flat(), end];
  const packed = new Uint8Array(Math.ceil((3 * codes.length) / 8) + 1);
  for (const [i, code] of codes.entries()) {
    packed[(3 * i) >> 3]! |= code << ((3 * i) & 7);
    packed[((3 * i) >> 3) + 1]! |= code >> (8 - ((3 * i) & 7));
  }
  const blocks: number[] = [];
  for (let at = 0; at < packed.length; at += 255) {
    const part = packed.subarray(at, at + 255);
    blocks.push(part.length, ...part);
  }
  return Uint8Array.from([
    ...text("GIF89a"),
    ...[...le16(width), ...le16(height), 0x80, 0, 0],
    ...[10, 20, 30, 200, 210, 220], // two colours
    ...[0x21, 0xf9, 4, 0, 0, 0, 0, 0], // graphic control
    ...[0x2c, 0, 0, 0, 0, ...le16(width), ...le16(height), 0],
    ...[2, ...blocks, 0],
    0x3b,
  ]);
}

/** A BMP with 24 bits a pixel, all of the one colour (blue, green, red); a negative height writes it from the top. */
export function bmp(width: number, height: number, colour: readonly number[] = [30, 20, 10]): Uint8Array {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const row = new Array<number>(stride).fill(0).map((_, i) => (i < 3 * width ? (colour[i % 3] ?? 0) : 0));
  const pixels = Array.from({ length: Math.abs(height) }, () => row).flat();
  return Uint8Array.from([
    ...text("BM"),
    ...[...le32(54 + pixels.length), ...le32(0), ...le32(54)],
    ...[...le32(40), ...le32(width), ...le32(height), ...le16(1), ...le16(24)],
    ...[...le32(0), ...le32(pixels.length), ...le32(2835), ...le32(2835), ...le32(0), ...le32(0)],
    ...pixels,
  ]);
}

const riffChunk = (type: string, data: readonly number[]): number[] => [
  ...text(type),
  ...le32(data.length),
  ...data,
  ...(data.length & 1 ? [0] : []),
];
const riff = (...chunks: readonly number[][]): Uint8Array => {
  const content = [...text("WEBP"), ...chunks.flat()];
  return Uint8Array.from([...text("RIFF"), ...le32(content.length), ...content]);
};
/** WebP containers with the headers of their three kinds; the pixels are not real. */
export const lossyWebp = (width: number, height: number): Uint8Array =>
  riff(riffChunk("VP8 ", [0x10, 0, 0, 0x9d, 0x01, 0x2a, ...le16(width), ...le16(height), 1, 2, 3]));
export const losslessWebp = (width: number, height: number): Uint8Array =>
  riff(riffChunk("VP8L", [0x2f, ...le32((width - 1) | ((height - 1) << 14)), 7]));
export const extendedWebp = (width: number, height: number): Uint8Array =>
  riff(
    riffChunk("VP8X", [0, 0, 0, 0, ...le32(width - 1).slice(0, 3), ...le32(height - 1).slice(0, 3)]),
    riffChunk("EXIF", [1, 2, 3]),
    riffChunk("VP8L", [0x2f, ...le32((width - 1) | ((height - 1) << 14)), 7]),
  );

const box = (type: string, ...content: readonly number[][]): number[] => {
  const data = content.flat();
  return [...be32(8 + data.length), ...text(type), ...data];
};
/** Boxes of an AVIF or HEIC of a given brand with a thumbnail of 16 × 16 beside the picture; the pixels are not real. */
export const heif = (brand: "avif" | "heic", width: number, height: number): Uint8Array =>
  Uint8Array.from([
    ...box("ftyp", text(brand), be32(0), text("mif1")),
    ...box(
      "meta",
      be32(0),
      box("hdlr", be32(0)),
      box(
        "iprp",
        box(
          "ipco",
          box("ispe", be32(0), be32(16), be32(16)),
          box("ispe", be32(0), be32(width), be32(height)),
          box("pixi", be32(0)),
        ),
      ),
    ),
    ...box("mdat", [1, 2, 3]),
  ]);
