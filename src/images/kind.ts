/** What a file's first bytes say that it is, whatever it is called. */
export type FileKind = "png" | "jpeg" | "gif" | "webp" | "zip" | "markup" | "empty" | "unknown";

const magics: readonly (readonly [FileKind, number, readonly number[]])[] = [
  ["png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpeg", 0, [0xff, 0xd8, 0xff]],
  ["gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["zip", 0, [0x50, 0x4b, 0x03, 0x04]],
  ["zip", 0, [0x50, 0x4b, 0x05, 0x06]], // no entries
];

/** Total: answers for every byte string. */
export function sniffKind(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) return "empty";
  for (const [kind, at, magic] of magics) if (magic.every((byte, i) => bytes[at + i] === byte)) return kind;
  const firstVisible = bytes.subarray(0, 256).find((byte) => byte > 0x20);
  return firstVisible === 0x3c ? "markup" : "unknown"; // "<": HTML or SVG under another name
}

export const KIND_NAMES: Readonly<Record<FileKind, string>> = {
  png: "a PNG image",
  jpeg: "a JPEG image",
  gif: "a GIF image",
  webp: "a WebP image",
  zip: "a zip archive",
  markup: "markup (HTML or SVG)",
  empty: "an empty file (0 bytes)",
  unknown: "no known kind of file",
};
