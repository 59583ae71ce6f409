/** What a file's first bytes say that it is, whatever it is called. */
export type FileKind =
  | "png"
  | "jpeg"
  | "gif"
  | "webp"
  | "bmp"
  | "avif"
  | "heic"
  | "tiff"
  | "zip"
  | "markup"
  | "empty"
  | "unknown";

const magics: readonly (readonly [FileKind, number, readonly number[]])[] = [
  ["png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpeg", 0, [0xff, 0xd8, 0xff]],
  ["gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["tiff", 0, [0x49, 0x49, 0x2a, 0x00]],
  ["tiff", 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ["zip", 0, [0x50, 0x4b, 0x03, 0x04]],
  ["zip", 0, [0x50, 0x4b, 0x05, 0x06]], // no entries
];

/** Total: answers for every byte string. */
export function sniffKind(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) return "empty";
  for (const [kind, at, magic] of magics) if (magic.every((byte, i) => bytes[at + i] === byte)) return kind;
  if (isBmp(bytes)) return "bmp";
  const brand = heifBrand(bytes);
  if (brand) return brand;
  const firstVisible = bytes.subarray(0, 256).find((byte) => byte > 0x20);
  return firstVisible === 0x3c ? "markup" : "unknown"; // "<": HTML or SVG under another name
}

/** "BM" begins many a text; the length of the header that follows is one of the seven that exist. */
const isBmp = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x42 &&
  bytes[1] === 0x4d &&
  [12, 16, 40, 52, 56, 64, 108, 124].includes(bytes[14]) &&
  bytes[15] + bytes[16] + bytes[17] === 0;

/** The brand of an ISO base media file that holds a still picture (ISO/IEC 23008-12, AV1 Image File Format §3). */
function heifBrand(bytes: Uint8Array): "avif" | "heic" | null {
  const text = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (text(4) !== "ftyp") return null;
  const end = Math.min(bytes.length, 256, (bytes[2] << 8) | bytes[3]);
  const brands: string[] = [text(8)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(text(at));
  if (brands.includes("avif") || brands.includes("avis")) return "avif";
  return ["heic", "heix", "hevc", "mif1", "msf1"].some((brand) => brands.includes(brand)) ? "heic" : null;
}

export const KIND_NAMES: Readonly<Record<FileKind, string>> = {
  png: "a PNG image",
  jpeg: "a JPEG image",
  gif: "a GIF image",
  webp: "a WebP image",
  bmp: "a BMP image",
  avif: "an AVIF image",
  heic: "a HEIC image",
  tiff: "a TIFF image",
  zip: "a zip archive",
  markup: "markup (HTML or SVG)",
  empty: "an empty file (0 bytes)",
  unknown: "no known kind of file",
};
