import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkJpeg, describeJpegError } from "#images/jpeg.ts";
import { survivesEveryByte, survivesMutations } from "../bytes/mutations.ts";

const fixture = readFileSync(join(import.meta.dirname, "../fixtures/golden/13_malformed/jpg_ok.jpg"));

/** A marker segment with its length. */
const segment = (marker: number, ...data: number[]) => [
  0xff,
  marker,
  (data.length + 2) >> 8,
  (data.length + 2) & 255,
  ...data,
];
/** A frame header of `components` components. */
const frame = (marker: number, width: number, height: number, components = 1, precision = 8) =>
  segment(
    marker,
    precision,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    components,
    ...new Array(3 * components).fill(17),
  );
const scan = [...segment(0xda, 1, 1, 0, 0, 63, 0), 0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56];
const jpeg = (...parts: number[][]) => Uint8Array.from([0xff, 0xd8, ...parts.flat()]);
const eoi = [0xff, 0xd9];

test("a real JPEG has the size that its frame says", () => {
  expect(checkJpeg(fixture)).toEqual({ ok: true, value: { width: 24, height: 16 } });
});

test("progressive files with several scans, fill bytes, restarts and bytes after the end are read", () => {
  const bytes = jpeg(
    segment(0xe0, 1, 2),
    [0xff],
    frame(0xc2, 16, 8, 3),
    scan,
    segment(0xc4, 0),
    scan,
    eoi,
    [1, 2, 3],
  );
  expect(checkJpeg(bytes)).toEqual({ ok: true, value: { width: 16, height: 8 } });
});

describe("every way to fail has its name and a sentence", () => {
  test.each([
    ["NotJpeg", new Uint8Array()],
    ["NotJpeg", Uint8Array.of(0x89, 0x50)],
    ["JpegTruncated", fixture.subarray(0, fixture.length - 2)],
    ["JpegTruncated", fixture.subarray(0, fixture.length - 1)],
    ["JpegTruncated", fixture.subarray(0, 30)],
    ["JpegTruncated", jpeg(frame(0xc0, 8, 8), scan)],
    ["BadMarker", jpeg([0xff, 0xc0].slice(0, 1), [0xff, 0x00])],
    ["BadMarker", jpeg(segment(0xe0, 1), [0x12])],
    ["BadSegment", jpeg([0xff, 0xe0, 0, 1], eoi)],
    ["BadSegment", jpeg(frame(0xc0, 8, 8), frame(0xc0, 8, 8), scan, eoi)],
    ["BadSegment", jpeg(frame(0xc0, 0, 8), scan, eoi)],
    ["BadSegment", jpeg(frame(0xc0, 8, 8, 2), scan, eoi)],
    ["BadSegment", jpeg(segment(0xc0, 8, 0, 8), scan, eoi)],
    ["TooManyPixels", jpeg(frame(0xc0, 30000, 30000), scan, eoi)],
    ["UnsupportedJpeg", jpeg(frame(0xc3, 8, 8), scan, eoi)],
    ["UnsupportedJpeg", jpeg(frame(0xc0, 8, 8, 1, 12), scan, eoi)],
    ["NoImage", jpeg(scan, eoi)],
    ["NoImage", jpeg(segment(0xe0, 1), eoi)],
    ["NoImage", jpeg(frame(0xc0, 8, 8), eoi)],
    ["ScanTooShort", jpeg(frame(0xc0, 8000, 8000), scan, eoi)],
  ] as const)("%s", (kind, bytes) => {
    const checked = checkJpeg(bytes);
    expect(checked).toMatchObject({ ok: false, error: { kind } });
    if (!checked.ok) expect(describeJpegError(checked.error)).toMatch(/\.$/);
  });
});

describe("damaged files never throw, hang or balloon", () => {
  const check = (bytes: Uint8Array) => !checkJpeg(bytes).ok;
  test("random mutations", () => {
    expect(survivesMutations([fixture, jpeg(frame(0xc2, 16, 8, 3), scan, scan, eoi)], check)).toBeGreaterThan(
      50,
    );
  });
  test("each byte of a small file; every cut is refused", () => {
    survivesEveryByte(fixture, check);
    for (let length = 0; length < fixture.length; length++)
      expect(checkJpeg(fixture.subarray(0, length)).ok).toBe(false);
  });
});
