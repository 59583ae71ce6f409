import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { encodePng, readPngText } from "#images/png.ts";
import { describePngError } from "#images/pngChunks.ts";
import { checkPng, decodePng } from "#images/pngPixels.ts";
import { seeded, survivesEveryByte, survivesMutations } from "../bytes/mutations.ts";
import { chunk, ihdr, png } from "./pngBytes.ts";

const malformed = join(import.meta.dirname, "../fixtures/golden/13_malformed");
const random = seeded(3);
const noise = (length: number) => Uint8Array.from({ length }, () => random() * 256);
const idat = (...bytes: number[]) => chunk("IDAT", deflateSync(Uint8Array.from(bytes)));
const end = chunk("IEND");

/** Decoded RGBA, or the sentence of the error. */
function decoded(bytes: Uint8Array): number[] | string {
  const result = decodePng(bytes);
  return result.ok ? [...result.value.rgba] : describePngError(result.error);
}

describe("encodePng", () => {
  test.each([
    [1, 1],
    [5, 3],
    [64, 64],
  ])("decode(encode(x)) = x for RGB and RGBA of %i × %i", (width, height) => {
    const rgba = noise(width * height * 4);
    expect(decoded(encodePng({ width, height, data: rgba }))).toEqual([...rgba]);
    const opaque = rgba.map((value, i) => (i % 4 === 3 ? 255 : value));
    const rgb = opaque.filter((_, i) => i % 4 !== 3);
    expect(decoded(encodePng({ width, height, data: rgb }))).toEqual([...opaque]);
  });

  test("the same input gives the same bytes", () => {
    const data = noise(300);
    expect(encodePng({ width: 10, height: 10, data }, { steadyflow: "{}" })).toEqual(
      encodePng({ width: 10, height: 10, data }, { steadyflow: "{}" }),
    );
  });

  test("what it writes passes the structural check, text and all", () => {
    const bytes = encodePng(
      { width: 7, height: 9, data: noise(7 * 9 * 3) },
      { steadyflow: '{"é":"😀"}', Software: "x" },
    );
    expect(checkPng(bytes)).toMatchObject({
      ok: true,
      value: { header: { width: 7, height: 9, bitDepth: 8, colourType: 2 } },
    });
    expect(readPngText(bytes)).toEqual({
      ok: true,
      value: {
        width: 7,
        height: 9,
        text: new Map([
          ["steadyflow", '{"é":"😀"}'],
          ["Software", "x"],
        ]),
      },
    });
  });

  test("pixels that do not fit the size, and keys that PNG forbids, are not written", () => {
    expect(() => encodePng({ width: 2, height: 2, data: new Uint8Array(13) })).toThrow(RangeError);
    for (const key of ["", " a", "a ", "é", "x".repeat(80), "a\0b"])
      expect(() => encodePng({ width: 1, height: 1, data: new Uint8Array(3) }, { [key]: "" })).toThrow(
        RangeError,
      );
  });
});

describe("readPngText", () => {
  const at = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  test("reads tEXt as Latin-1, keeps the first of a key, leaves compressed and unreadable ones out", () => {
    const bytes = png(
      ihdr(1, 1),
      chunk("tEXt", at("a\0caf\u00e9")),
      chunk("iTXt", at("a\0\0\0\0\0second")),
      chunk("iTXt", at("zipped\0\u0001\0\0\0xx")),
      chunk("iTXt", at("broken\0\0\0\0\0\u00ff")),
      chunk("iTXt", at("short\0\0\0")),
      chunk("iTXt", at("b\0\0\0de\0B\0value")),
      end,
    );
    const read = readPngText(bytes);
    expect(read.ok && [...read.value.text]).toEqual([
      ["a", "café"],
      ["b", "value"],
    ]);
  });
});

describe("decodePng", () => {
  test("undoes each of the five row filters", () => {
    // Rows of two grey pixels: none 10 20; sub 10 +5; up +1 +2; average of left and up; Paeth.
    const rows = [0, 10, 20, 1, 10, 5, 2, 1, 2, 3, 5, 5, 4, 1, 1];
    // 10 20 | 10 15 | 11 17 | 5+⌊11/2⌋=10, 5+⌊(10+17)/2⌋=18 | 1+10=11, paeth(11,18,10)=18 → 19
    const grey = [10, 20, 10, 15, 11, 17, 10, 18, 11, 19];
    expect(decoded(png(ihdr(2, 5, 8, 0), idat(...rows), end))).toEqual(grey.flatMap((v) => [v, v, v, 255]));
  });

  test("reads palettes with transparency, and grey with alpha", () => {
    const palette = [chunk("PLTE", Uint8Array.of(1, 2, 3, 4, 5, 6)), chunk("tRNS", Uint8Array.of(9))];
    expect(decoded(png(ihdr(2, 1, 8, 3), ...palette, idat(0, 0, 1), end))).toEqual([
      1, 2, 3, 9, 4, 5, 6, 255,
    ]);
    expect(decoded(png(ihdr(1, 1, 8, 4), idat(0, 7, 8), end))).toEqual([7, 7, 7, 8]);
  });

  test("joins pixels that are split over several IDAT chunks", () => {
    const stream = deflateSync(Uint8Array.of(0, 1, 2, 3));
    expect(
      decoded(png(ihdr(1, 1), chunk("IDAT", stream.subarray(0, 5)), chunk("IDAT", stream.subarray(5)), end)),
    ).toEqual([1, 2, 3, 255]);
  });

  test("refuses 16-bit and interlaced pixels by name, though they pass the check", () => {
    const deep = png(ihdr(1, 1, 16, 0), idat(0, 1, 2), end);
    const laced = png(ihdr(2, 2, 8, 0, [0, 0, 1]), idat(0, 1, 0, 2, 0, 3, 4), end);
    for (const bytes of [deep, laced]) {
      expect(checkPng(bytes).ok).toBe(true);
      expect(decodePng(bytes)).toMatchObject({ ok: false, error: { kind: "NotDecoded" } });
    }
  });
});

describe("every way to fail has its name and a sentence", () => {
  const pixels = idat(0, 1, 2, 3);
  const good = png(ihdr(1, 1), pixels, end);
  const flipped = good.slice();
  flipped[20] ^= 1;
  test.each([
    ["NotPng", new Uint8Array()],
    ["NotPng", new TextEncoder().encode("<html>")],
    ["PngTruncated", good.subarray(0, 8)],
    ["PngTruncated", good.subarray(0, good.length - 1)],
    ["PngTruncated", good.subarray(0, good.length - 12)],
    ["ChunkDamaged", flipped],
    ["ChunkDamaged", png(ihdr(1, 1), chunk("ID@T"), end)],
    ["BadHeader", png(chunk("IHDR", new Uint8Array(12)), end)],
    ["BadHeader", png(ihdr(0, 1), pixels, end)],
    ["BadHeader", png(ihdr(1, 1, 4, 2), pixels, end)],
    ["BadHeader", png(ihdr(1, 1, 8, 5), pixels, end)],
    ["BadHeader", png(ihdr(1, 1, 8, 2, [1, 0, 0]), pixels, end)],
    ["BadHeader", png(ihdr(1, 1, 8, 2, [0, 0, 2]), pixels, end)],
    ["TooManyPixels", png(ihdr(30000, 30000), pixels, end)],
    ["TooManyPixels", png(ihdr(16385, 1), pixels, end)],
    ["TooManyPixels", png(ihdr(0xffffffff, 0xffffffff), pixels, end)],
    ["ChunkOrder", png(pixels, ihdr(1, 1), end)],
    ["ChunkOrder", png(ihdr(1, 1), ihdr(1, 1), pixels, end)],
    ["ChunkOrder", png(ihdr(1, 1), end)],
    ["ChunkOrder", png(ihdr(1, 1), pixels, chunk("tEXt", Uint8Array.of(65, 0)), pixels, end)],
    ["ChunkOrder", png(ihdr(1, 1), pixels, chunk("PLTE", new Uint8Array(3)), end)],
    ["UnknownCriticalChunk", png(ihdr(1, 1), chunk("NEWS"), pixels, end)],
    ["BadPalette", png(ihdr(1, 1, 8, 3), idat(0, 0), end)],
    ["BadPalette", png(ihdr(1, 1, 8, 3), chunk("PLTE", new Uint8Array(4)), idat(0, 0), end)],
    ["PixelsDamaged", png(ihdr(2, 1), pixels, end)],
    ["PixelsDamaged", png(ihdr(1, 1), idat(0, 1, 2, 3, 4), end)],
    ["PixelsDamaged", png(ihdr(1, 1), chunk("IDAT", Uint8Array.of(1, 2, 3)), end)],
    ["PixelsDamaged", png(ihdr(8000, 8000), pixels, end)],
    ["BadFilter", png(ihdr(1, 2), idat(0, 1, 2, 3, 5, 1, 2, 3), end)],
  ] as const)("%s", (kind, bytes) => {
    const checked = checkPng(bytes);
    expect(checked).toMatchObject({ ok: false, error: { kind } });
    if (!checked.ok) expect(describePngError(checked.error)).toMatch(/\.$/);
  });
});

test("a bomb within the limits is checked without its pixels being kept", () => {
  const zeros = deflateSync(new Uint8Array(8000 * (1 + 8000 * 3)), { level: 9 }); // 192 MB from 190 KB
  const bytes = png(ihdr(8000, 8000), end);
  const bomb = new Uint8Array(bytes.length + zeros.length + 12);
  bomb.set(bytes.subarray(0, 33));
  bomb.set(chunk("IDAT", zeros), 33);
  bomb.set(end, bomb.length - 12);
  const before = process.memoryUsage().arrayBuffers;
  expect(checkPng(bomb).ok).toBe(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150e6);
});

describe("damaged files never throw, hang or balloon", () => {
  const ours = encodePng({ width: 8, height: 8, data: noise(192) }, { steadyflow: "{}" });
  const check = (bytes: Uint8Array) => {
    readPngText(bytes);
    decodePng(bytes);
    return !checkPng(bytes).ok;
  };
  test("random mutations", () => {
    const samples = [
      readFileSync(join(malformed, "png_ok.png")),
      readFileSync(join(malformed, "png_1x1.png")),
      ours,
    ];
    expect(survivesMutations(samples, check)).toBeGreaterThan(400);
  });
  test("each byte of a small file; every cut is refused", () => {
    survivesEveryByte(ours, check);
    for (let length = 0; length < ours.length; length++)
      expect(checkPng(ours.subarray(0, length)).ok).toBe(false);
  });
});
