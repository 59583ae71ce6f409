import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { describeZipError } from "#bytes/zipRecords.ts";
import { readZip, readZipEntry } from "#checkpoints/zip.ts";
import { survivesEveryByte, survivesMutations } from "../bytes/mutations.ts";
import { zip } from "../bytes/zipBytes.ts";

const malformed = join(import.meta.dirname, "../fixtures/golden/13_malformed");
const fixture = (name: string) => readFileSync(join(malformed, name));

/** Every entry's content as text, or the sentence of the first error. */
function contents(bytes: Uint8Array): Record<string, string> | string {
  const archive = readZip(bytes);
  if (!archive.ok) return describeZipError(archive.error);
  const texts: Record<string, string> = {};
  for (const entry of archive.value.values()) {
    const content = readZipEntry(entry);
    if (!content.ok) return describeZipError(content.error);
    texts[entry.name] = new TextDecoder().decode(content.value);
  }
  return texts;
}

describe("reading", () => {
  const text = "to be or not to be ".repeat(50);
  test.each([0, 6] as const)("stored and deflated entries of another writer, at level %i", (level) => {
    const files = { "a.txt": strToU8(text), "folder/é.txt": strToU8("x"), "empty.txt": new Uint8Array() };
    expect(contents(zipSync(files, { level, mtime: "2020-01-01" }))).toEqual({
      "a.txt": text,
      "folder/é.txt": "x",
      "empty.txt": "",
    });
  });

  test("a file of ours with and without zip64 records", () => {
    expect(contents(zip([{ name: "a" }]))).toEqual({ a: "hello" });
    expect(contents(zip([{ name: "a", zip64: true }, { name: "b" }], { zip64: true }))).toEqual({
      a: "hello",
      b: "hello",
    });
  });

  test("files and folders of Unix archivers are no links", () => {
    const entries = [
      { name: "d/", content: new Uint8Array(), unixMode: 0o040755 },
      { name: "d/a", unixMode: 0o100644 },
    ];
    expect(Object.keys(contents(zip(entries)))).toEqual(["d/", "d/a"]);
  });

  test("an empty archive has no entries", () => expect(contents(zip([]))).toEqual({}));

  test("a comment at the end is passed over", () => {
    const bytes = zip([{ name: "a" }]);
    bytes[bytes.length - 2] = 3;
    expect(contents(Uint8Array.from([...bytes, 1, 2, 3]))).toEqual({ a: "hello" });
  });

  test("the golden archive has its three images", () => {
    const archive = readZip(fixture("zip_ok.zip"));
    expect(archive.ok && [...archive.value.keys()].filter((name) => /\.(png|jpg)$/.test(name))).toHaveLength(
      3,
    );
  });
});

describe("every way to fail has its name and a sentence", () => {
  const deflated = deflateRawSync(strToU8("hello"));
  const wrongPlace = zip([{ name: "a" }]);
  wrongPlace[0] = 0x51;
  test.each([
    ["NotZip", new Uint8Array()],
    ["NotZip", wrongPlace],
    ["NoDirectory", fixture("zip_truncated.zip")],
    ["NoDirectory", zip([{ name: "a" }]).subarray(0, 60)],
    ["DirectoryDamaged", zip([{ name: "a" }], { count: 2 })],
    ["DirectoryDamaged", zip([{ name: "a" }], { count: 0 })],
    ["DirectoryDamaged", zip([{ name: "a" }], { gap: 4 })],
    ["SeveralDisks", zip([{ name: "a" }], { disk: 1 })],
    ["Encrypted", zip([{ name: "a", flags: 1 }])],
    ["LinkEntry", zip([{ name: "a.png", content: strToU8("/etc/passwd"), unixMode: 0o120777 }])],
    ["UnsupportedMethod", zip([{ name: "a", method: 12 }])],
    ["UnsafePath", fixture("zip_traversal.zip")],
    ["UnsafePath", zip([{ name: "../a" }])],
    ["UnsafePath", zip([{ name: "a/../../b" }])],
    ["UnsafePath", zip([{ name: "..\\a" }])],
    ["UnsafePath", zip([{ name: "/a" }])],
    ["UnsafePath", zip([{ name: "C:\\a" }])],
    ["UnsafePath", zip([{ name: "a\0b" }])],
    ["UnsafePath", zip([{ name: "" }])],
    ["DuplicateEntry", zip([{ name: "a" }, { name: "a" }])],
    ["EntryDamaged", zip([{ name: "a", localName: "b" }])],
    ["EntryDamaged", zip([{ name: "a", size: 9 }])],
    ["EntryDamaged", zip([{ name: "a" }, { name: "b", localOffset: 1e9 }])],
    ["EntryDamaged", zip([{ name: "a" }, { name: "b", localOffset: 5 }])],
    ["EntriesOverlap", overlapping()],
    ["ArchiveTooLarge", fixture("zip_bomb.zip")],
    ["ArchiveTooLarge", zip([{ name: "a", method: 8, packed: deflated, size: 2 ** 31 }])],
  ] as const)("%s", (kind, bytes) => {
    const archive = readZip(bytes);
    expect(archive).toMatchObject({ ok: false, error: { kind } });
    if (!archive.ok) expect(describeZipError(archive.error)).toMatch(/\.$/);
  });

  test.each([
    ["CrcMismatch", { name: "a", crc: 1 }],
    ["EntryInflateFailed", { name: "a", method: 8, packed: deflated, size: 4 }],
    ["EntryInflateFailed", { name: "a", method: 8, packed: deflated, size: 6 }],
    ["EntryInflateFailed", { name: "a", method: 8, packed: Uint8Array.of(7, 7, 7) }],
  ] as const)("%s, when the entry is read", (kind, entry) => {
    const archive = readZip(zip([entry]));
    const content = archive.ok && readZipEntry([...archive.value.values()][0]);
    expect(content).toMatchObject({ ok: false, error: { kind } });
    if (content && !content.ok) expect(describeZipError(content.error)).toMatch(/\.$/);
  });

  test("an entry that says it is small and inflates to 60 MiB is stopped early", () => {
    const bomb = deflateRawSync(new Uint8Array(60 * 2 ** 20), { level: 9 });
    const archive = readZip(zip([{ name: "a", method: 8, packed: bomb, size: 100 }]));
    const before = process.memoryUsage().arrayBuffers;
    expect(archive.ok && readZipEntry([...archive.value.values()][0])).toMatchObject({
      error: { kind: "EntryInflateFailed", error: { kind: "InflatesTooLong" } },
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * 2 ** 20);
  });
});

/** Entry b's bytes are a whole zip entry inside the content of entry a. */
function overlapping(): Uint8Array {
  const inner = zip([{ name: "b" }]).subarray(0, 30 + 1 + 5);
  return zip([
    { name: "a", content: inner },
    { name: "b", localOffset: 31 },
  ]);
}

describe("damaged archives never throw, hang or balloon", () => {
  const parse = (bytes: Uint8Array) => typeof contents(bytes) === "string";
  const samples = [
    fixture("zip_ok.zip"),
    zip([{ name: "a" }, { name: "b", zip64: true }], { zip64: true }),
    zipSync({ a: strToU8("a".repeat(500)) }),
  ];
  test("random mutations", () => expect(survivesMutations(samples, parse)).toBeGreaterThan(300));
  test("each byte of a small file", () => {
    for (const sample of samples) survivesEveryByte(sample, parse);
  });
});
