import { expect, test } from "vitest";
import { KIND_NAMES, sniffKind } from "#images/kind.ts";

test.each([
  ["png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpeg", [0xff, 0xd8, 0xff, 0xdb]],
  ["gif", [...new TextEncoder().encode("GIF89a")]],
  ["webp", [...new TextEncoder().encode("RIFF0000WEBPVP8 ")]],
  ["zip", [0x50, 0x4b, 3, 4]],
  ["zip", [0x50, 0x4b, 5, 6]],
  ["markup", [...new TextEncoder().encode("\n <!doctype html>")]],
  ["empty", []],
  ["unknown", [0]],
  ["unknown", [0x89, 0x50, 0x4e, 0x47]],
  ["unknown", [...new TextEncoder().encode("hello <b>")]],
] as const)("%s is told by its first bytes", (kind, bytes) => {
  expect(sniffKind(Uint8Array.from(bytes))).toBe(kind);
  expect(KIND_NAMES[kind]).not.toBe("");
});
