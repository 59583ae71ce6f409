import { describe, expect, test } from "vitest";
import { checkImage } from "#images/checkImage.ts";
import { encodePng } from "#images/png.ts";
import { ihdr, png } from "./pngBytes.ts";
import { bmp, extendedWebp, gif, heif, losslessWebp, lossyWebp } from "./smallPictures.ts";

const ramp = (width: number, height: number) =>
  encodePng({ width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => i & 255) });

const PICTURES = [
  ["png", "a PNG", ramp(33, 21)],
  ["gif", "a GIF", gif(33, 21)],
  ["bmp", "a BMP", bmp(33, 21)],
  ["bmp", "a BMP from the top", bmp(33, -21)],
  ["webp", "a lossy WebP", lossyWebp(33, 21)],
  ["webp", "a lossless WebP", losslessWebp(33, 21)],
  ["webp", "a WebP with more", extendedWebp(33, 21)],
  ["avif", "an AVIF", heif("avif", 33, 21)],
  ["heic", "a HEIC", heif("heic", 33, 21)],
] as const;

describe.each(PICTURES)("%s: %s", (kind, _name, bytes) => {
  test("has its kind and size, whatever the file is called", () => {
    expect(checkImage(bytes)).toEqual({ ok: true, value: { kind, width: 33, height: 21 } });
  });

  test("cut anywhere, it is no whole picture, and nothing throws", () => {
    const whole = Array.from({ length: bytes.length }, (_, end) => end).filter(
      (end) => checkImage(bytes.subarray(0, end)).ok,
    );
    expect(whole).toEqual(kind === "gif" ? [bytes.length - 1] : []); // a GIF may lack its trailer, as in browsers
  });

  test("with any byte turned over, nothing throws", () => {
    for (let at = 0; at < bytes.length; at++)
      for (const flip of [0x01, 0x80, 0xff]) {
        const copy = Uint8Array.from(bytes);
        copy[at]! ^= flip;
        checkImage(copy); // a throw fails the test
      }
  });
});

test("a size beyond every limit is said before anything is inflated", () => {
  expect(checkImage(png(ihdr(30_000, 30_000)))).toEqual({
    ok: false,
    error: { kind: "TooManyPixels", width: 30_000, height: 30_000 },
  });
});

test.each([
  ["zip", Uint8Array.of(0x50, 0x4b, 3, 4)],
  ["markup", new TextEncoder().encode("<svg/>")],
  ["empty", new Uint8Array()],
  ["unknown", new TextEncoder().encode("BMW prices of the week, and other words")],
] as const)("%s is not a picture", (fileKind, bytes) => {
  expect(checkImage(bytes)).toEqual({ ok: false, error: { kind: "NotAPicture", fileKind } });
});

test("kinds that nobody shows are said to be that, not broken", () => {
  const tiff = checkImage(Uint8Array.of(0x49, 0x49, 0x2a, 0, 8, 0, 0, 0));
  expect(tiff).toMatchObject({ ok: false, error: { kind: "NotRead", fileKind: "tiff" } });
});

test("a header of another format's name and rubbish behind it is broken, with a sentence", () => {
  for (const bytes of [
    png(),
    Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3),
    Uint8Array.from([...gif(3, 3).subarray(0, 19), 0x99, 1, 2]),
    Uint8Array.from([...new TextEncoder().encode("RIFF\x04\0\0\0WEBP"), ...new Uint8Array(20)]),
  ]) {
    const read = checkImage(bytes);
    expect(read).toMatchObject({ ok: false, error: { kind: "Broken" } });
    expect(!read.ok && read.error.kind === "Broken" && read.error.detail).toMatch(/\.$/);
  }
});
