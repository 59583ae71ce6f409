import { expect, test } from "vitest";
import { KIND_NAMES, sniffKind } from "#images/kind.ts";

test.each([
  ["png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpeg", [0xff, 0xd8, 0xff, 0xdb]],
  ["gif", [...new TextEncoder().encode("GIF89a")]],
  ["webp", [...new TextEncoder().encode("RIFF0000WEBPVP8 ")]],
  ["bmp", [0x42, 0x4d, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0]],
  ["avif", [0, 0, 0, 24, ...new TextEncoder().encode("ftypavif\0\0\0\0mif1miaf")]],
  ["avif", [0, 0, 0, 24, ...new TextEncoder().encode("ftypmif1\0\0\0\0miafavif")]],
  ["heic", [0, 0, 0, 24, ...new TextEncoder().encode("ftypheic\0\0\0\0mif1heic")]],
  ["tiff", [0x49, 0x49, 0x2a, 0]],
  ["tiff", [0x4d, 0x4d, 0, 0x2a]],
  ["zip", [0x50, 0x4b, 3, 4]],
  ["zip", [0x50, 0x4b, 5, 6]],
  ["markup", [...new TextEncoder().encode("\n <!doctype html>")]],
  ["empty", []],
  ["unknown", [0]],
  ["unknown", [0x89, 0x50, 0x4e, 0x47]],
  ["unknown", [...new TextEncoder().encode("hello <b>")]],
  ["unknown", [...new TextEncoder().encode("BMW is no bitmap")]],
  ["unknown", [0, 0, 0, 24, ...new TextEncoder().encode("ftypisom\0\0\0\0mp42")]],
] as const)("%s is told by its first bytes", (kind, bytes) => {
  expect(sniffKind(Uint8Array.from(bytes))).toBe(kind);
  expect(KIND_NAMES[kind]).not.toBe("");
});
