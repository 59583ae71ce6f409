import { deflateRawSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { expect, test } from "vitest";
import { type ByteSource, openArchive } from "#datasets/archive.ts";
import { IMPORT_LIMITS } from "#datasets/limits.ts";
import { describeRefusal } from "#datasets/refusal.ts";
import { zip } from "../bytes/zipBytes.ts";

/** Bytes in memory; the most that was read at once is noted. */
function source(bytes: Uint8Array): ByteSource & { most: number } {
  const asked = {
    bytes: bytes.length,
    most: 0,
    read: async (from: number, to: number) => {
      const part = Uint8Array.from(bytes.subarray(from, to));
      asked.most = Math.max(asked.most, part.length);
      return part;
    },
  };
  return asked;
}

/** Every entry's text or the sentence why not, by path; or the sentence about the whole archive. */
async function contents(bytes: Uint8Array): Promise<Record<string, string> | string> {
  const archive = await openArchive(source(bytes));
  if (!archive.ok) return describeRefusal(archive.error);
  const texts: Record<string, string> = {};
  for (const { name, reason } of archive.value.refused) texts[name] = describeRefusal(reason);
  for (const entry of archive.value.entries) {
    const read = await entry.read();
    texts[entry.path] = read.ok ? new TextDecoder().decode(read.value) : describeRefusal(read.error);
  }
  return texts;
}

test("files of nested folders are read, stored and deflated, and folders are no files", async () => {
  const bytes = zipSync({
    "set/cats/a.txt": [strToU8("to be or not to be ".repeat(40)), { level: 9 }],
    "set/dogs/b.txt": [strToU8("stored"), { level: 0 }],
    "set/empty/": new Uint8Array(),
    "ü.txt": strToU8("umlaut"),
  });
  expect(await contents(bytes)).toEqual({
    "set/cats/a.txt": "to be or not to be ".repeat(40),
    "set/dogs/b.txt": "stored",
    "ü.txt": "umlaut",
  });
  expect(await contents(zip([{ name: "a\\b.txt" }], { zip64: true }))).toEqual({ "a/b.txt": "hello" });
});

test("an archive is never read as a whole: its directory, then entry by entry", async () => {
  const noise = (seed: number) => {
    let state = seed;
    return Uint8Array.from({ length: 300_000 }, () => {
      state = (state * 75) % 65537;
      return state & 255;
    });
  };
  const bytes = zipSync(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.bin`, noise(i + 1)])));
  const from = source(bytes);
  const archive = await openArchive(from);
  expect(from.most).toBeLessThan(70_000);
  for (const entry of archive.ok ? archive.value.entries : []) expect((await entry.read()).ok).toBe(true);
  expect(from.most).toBeLessThan(310_000);
});

test("one bad entry is listed and the others are read", async () => {
  expect(
    await contents(
      zip([
        { name: "good" },
        { name: "../../outside.png" },
        { name: "C:\\windows.png" },
        { name: "link.png", content: strToU8("/etc/passwd"), unixMode: 0o120777 },
        { name: "secret", flags: 1 },
        { name: "lzma", method: 14 },
        { name: "crc", crc: 1 },
        { name: "good" },
        { name: "other header", localName: "other name.." },
        { name: "last" },
      ]),
    ),
  ).toMatchObject({
    good: expect.stringMatching(/hello|twice/),
    "../../outside.png": expect.stringContaining("leads out of its folder"),
    "C:/windows.png": expect.stringContaining("leads out of its folder"),
    "link.png": expect.stringContaining("is a link"),
    secret: expect.stringContaining("encrypted"),
    lzma: expect.stringContaining("method 14"),
    crc: expect.stringContaining("checksum"),
    "other header": expect.stringContaining("two headers differ"),
    last: "hello",
  });
});

test.each([1000, 10e6 - 1, 10e6 + 1])(
  "a header that says %i bytes of 10,000,000 is found out",
  async (size) => {
    const content = new Uint8Array(10e6);
    const packed = Uint8Array.from(deflateRawSync(content));
    const read = await contents(zip([{ name: "a", content, packed, method: 8, size }, { name: "b" }]));
    expect(read).toMatchObject({ a: expect.stringContaining("cannot be unpacked"), b: "hello" });
  },
);

test("a bomb is refused before anything is unpacked", async () => {
  const content = new Uint8Array(40e6);
  const packed = Uint8Array.from(deflateRawSync(content, { level: 9 }));
  const one = { content, packed, method: 8, crc: 0 };
  const read = await contents(
    zip([
      { ...one, name: "a" },
      { ...one, name: "b" },
      { ...one, name: "c" },
    ]),
  );
  expect(read).toContain("would unpack to 120 MB");
});

test("a file that declares more than a file may have is not unpacked", async () => {
  const others = Array.from({ length: 10 }, (_, i) => ({ name: `${i}`, content: new Uint8Array(60_000) }));
  const bytes = zip([{ name: "a", size: 60e6, method: 8 }, ...others]);
  const archive = await openArchive(source(bytes));
  expect(archive.ok && archive.value.entries.length).toBe(10);
  expect(archive.ok && archive.value.refused).toEqual([
    { name: "a", reason: { kind: "FileTooLarge", bytes: 60e6, limitBytes: IMPORT_LIMITS.fileBytes } },
  ]);
});

test("entries that share bytes are refused with the whole archive", async () => {
  expect(await contents(zip([{ name: "a" }, { name: "b", localOffset: 0 }]))).toContain(
    "lies on bytes of another",
  );
});

test("what is cut, and what is no archive, is refused with a sentence", async () => {
  const whole = zip([{ name: "a" }, { name: "b" }]);
  for (let end = 0; end < whole.length; end++) {
    const read = await contents(whole.subarray(0, end));
    expect(read).toMatch(/^The zip archive cannot be read: .*\.$/);
  }
  expect(await contents(zip([{ name: "a" }], { count: 2 }))).toContain("directory is damaged");
  expect(await contents(zip([{ name: "a" }], { disk: 1 }))).toContain("several parts");
});

test("with any byte turned over nothing throws, and no text comes out wrong", async () => {
  const whole = zip([
    { name: "a", content: strToU8("first text") },
    {
      name: "b",
      content: strToU8("second text"),
      method: 8,
      packed: Uint8Array.from(deflateRawSync("second text")),
    },
  ]);
  for (let at = 0; at < whole.length; at++) {
    const copy = Uint8Array.from(whole);
    copy[at]! ^= 0x15;
    const read = await contents(copy);
    if (typeof read === "string") expect(read).toMatch(/\.$/);
    else
      for (const text of Object.values(read))
        expect(["first text", "second text"].includes(text) || text.endsWith(".")).toBe(true);
  }
});
