import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { averageByArea } from "#datasets/averageByArea.ts";
import type { PickedFile } from "#datasets/candidates.ts";
import { centreSquare } from "#datasets/crop.ts";
import { type ImportOptions, importFiles } from "#datasets/importFiles.ts";
import type { ImportCounts, NewImage, OnImportProgress } from "#datasets/importProgress.ts";
import { describeRefusal } from "#datasets/refusal.ts";
import { createDatasetStore } from "#datasets/store.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import { ihdr, png } from "../images/pngBytes.ts";
import { memoryDecoder } from "./memoryDecoder.ts";
import { drawnPixels, drawnPng, picked } from "./pictures.ts";
import { cutAt, memoryLocks } from "./support.ts";

const OPTIONS: ImportOptions = {
  name: "mine",
  imageSize: 64,
  crop: "centre",
  classes: "folders",
  nearDuplicates: "skip",
};

/** Imports into a store in memory. `onProgress` may cancel. */
async function run(
  files: readonly PickedFile[],
  options: Partial<ImportOptions> = {},
  {
    signal = new AbortController().signal,
    onProgress = () => {},
    bytes = memoryFiles(),
  }: {
    signal?: AbortSignal;
    onProgress?: OnImportProgress;
    bytes?: ReturnType<typeof memoryFiles>;
  } = {},
) {
  const locks = memoryLocks();
  const store = createDatasetStore({ files: bytes, locks });
  const decode = memoryDecoder();
  const result = await importFiles(files, { ...OPTIONS, ...options }, { store, decode, signal, onProgress });
  return { result, store, bytes, decode };
}

/** Reasons by path. */
const reasons = (result: Awaited<ReturnType<typeof run>>["result"]) =>
  Object.fromEntries(result.ok ? result.value.refused.map(({ name, reason }) => [name, reason.kind]) : []);

test("pictures become images in the order of their names, each the mean of its middle square", async () => {
  const files = [10, 2, 1].map((n) => picked(`set/${n}.png`, drawnPng(n, 150, 100)));
  const { result, store } = await run(files);
  expect(result).toMatchObject({
    ok: true,
    value: { name: "mine", count: 3, imageSize: 64, source: "files" },
  });
  const set = result.ok ? await store.open(result.value.id) : null;
  expect(await set!.names()).toEqual(["set/1.png", "set/2.png", "set/10.png"]);
  const rgb = drawnPixels(10, 150, 100);
  const rgba = Uint8Array.from({ length: 4 * 150 * 100 }, (_, i) => rgb[3 * (i >> 2) + (i & 3)] ?? 0);
  const size = { width: 150, height: 100 };
  expect(await set!.images(2, 1)).toEqual(averageByArea({ ...size, rgba }, centreSquare(size), 64));
});

test("every file that is no use is listed with its reason, and the others are kept", async () => {
  const whole = drawnPng(1);
  const damaged = Uint8Array.from(whole);
  damaged[200]! ^= 0x55;
  const { result, decode } = await run([
    picked("a/good.png", whole),
    picked("a/cut.png", whole.slice(0, 500)),
    picked("a/damaged.png", damaged),
    picked("a/empty.png", new Uint8Array()),
    picked("a/notes.txt", "these are no pixels"),
    picked("a/page.png", "<!doctype html><p>not found"),
    picked("a/tiny.png", drawnPng(2, 8, 8)),
    picked("a/strip.png", drawnPng(3, 400, 40)),
    picked("a/huge.png", Uint8Array.from(png(ihdr(30_000, 30_000)))),
    picked("a/fifty.png", Uint8Array.from(png(ihdr(8000, 7000)))),
    picked("a/copy.png", whole),
    picked("a/same pixels.png", drawnPng(1, 96, 96, { Comment: "saved again" })),
    picked("a/scan.tif", Uint8Array.of(0x49, 0x49, 0x2a, 0, 8, 0, 0, 0)),
    picked("a/photo.jpg.zip", "PK no zip at all"),
    picked("a/archive", zipSync({ "x.png": whole }) as Uint8Array<ArrayBuffer>),
    picked("a/.DS_Store", "Bud1"),
    picked("__MACOSX/a/._good.png", "resource fork"),
    picked("a/good.jpg", drawnPng(9)),
  ]);
  expect(reasons(result)).toEqual({
    "a/cut.png": "Broken",
    "a/damaged.png": "Broken",
    "a/empty.png": "Empty",
    "a/notes.txt": "NotAPicture",
    "a/page.png": "NotAPicture",
    "a/tiny.png": "TooSmall",
    "a/strip.png": "TooNarrow",
    "a/huge.png": "TooManyPixels",
    "a/fifty.png": "Broken", // cut behind its header; its size alone would be refused as well
    "a/good.png": "SameFile", // "copy" comes before "good"
    "a/same pixels.png": "SamePixels",
    "a/scan.tif": "NotDecodedHere",
    "a/photo.jpg.zip": "BadArchive",
    "a/archive": "NotAPicture",
    "a/.DS_Store": "SystemFile",
    "__MACOSX/a/._good.png": "SystemFile",
  });
  expect(result.ok && result.value.count).toBe(2);
  expect([decode.open, decode.most]).toEqual([0, 1]);
  for (const { reason } of result.ok ? result.value.refused : [])
    expect(describeRefusal(reason)).toMatch(/\.$/);
});

test("a file that is too large is not read, nor one that does not begin like a picture", async () => {
  const asked: string[] = [];
  const file = (path: string, size: number, head: Uint8Array<ArrayBuffer>): PickedFile => {
    const blob = new Blob([head]);
    return {
      path,
      file: new Proxy(blob, {
        get(target, key) {
          if (key === "size") return size;
          if (key === "slice") return (...range: [number, number]) => target.slice(...range);
          if (key === "arrayBuffer")
            return () => {
              asked.push(path);
              return target.arrayBuffer();
            };
          return Reflect.get(target, key);
        },
      }),
    };
  };
  const { result } = await run([
    picked("a.png", drawnPng(1)),
    file("b.png", 51e6, drawnPng(2)),
    file("film.mp4", 40e6, new TextEncoder().encode("\0\0\0 ftypisom and much more")),
  ]);
  expect(reasons(result)).toEqual({ "b.png": "FileTooLarge", "film.mp4": "NotAPicture" });
  expect(asked).toEqual([]);
});

test("a file that can no longer be read is listed", async () => {
  const gone = new Proxy(new Blob(["x"]), {
    get: (target, key) =>
      key === "slice" || key === "arrayBuffer"
        ? () => {
            throw new DOMException("The file was moved.", "NotReadableError");
          }
        : Reflect.get(target, key),
  });
  const { result } = await run([picked("a.png", drawnPng(1)), { path: "gone.png", file: gone }]);
  expect(result.ok && result.value.refused).toEqual([
    { name: "gone.png", reason: { kind: "Unreadable", detail: "The file was moved." } },
  ]);
});

describe("duplicates", () => {
  const twice = [picked("1.png", drawnPng(1)), picked("2.png", drawnPng(1, 192, 192))];

  test("nearly equal pictures are left out, with the first one's name", async () => {
    const { result } = await run(twice);
    expect(result.ok && result.value.refused).toEqual([
      { name: "2.png", reason: expect.objectContaining({ kind: "NearDuplicate", of: "1.png" }) },
    ]);
  });

  test("and kept when that is wanted; equal ones never are", async () => {
    const { result } = await run([...twice, picked("3.png", drawnPng(1))], { nearDuplicates: "keep" });
    expect(reasons(result)).toEqual({ "3.png": "SameFile" });
    expect(result.ok && result.value.count).toBe(2);
  });
});

describe("classes", () => {
  const files = [
    picked("set/train/cats/1.png", drawnPng(1)),
    picked("set/train/dogs/2.png", drawnPng(2)),
    picked("set/train/dogs/big/3.png", drawnPng(3)),
    picked("set/train/birds/note.txt", "no bird"),
  ];

  test("are the folders that hold pictures, without what they share", async () => {
    const { result } = await run(files);
    expect(result.ok && result.value.classes).toEqual([
      { name: "cats", count: 1 },
      { name: "dogs", count: 1 },
      { name: "dogs/big", count: 1 },
    ]);
  });

  test("or one, called as the data set is", async () => {
    const { result } = await run(files, { classes: "one", name: " all of them " });
    expect(result.ok && result.value.classes).toEqual([{ name: "all of them", count: 3 }]);
  });

  test("are refused beyond a thousand before anything is decoded", async () => {
    const one = drawnPng(1);
    const many = Array.from({ length: 1001 }, (_, i) => picked(`${i}/a.png`, one));
    const { result, bytes, decode } = await run(many);
    expect(result).toEqual({ ok: false, error: { kind: "TooManyClasses", count: 1001, limit: 1000 } });
    expect(decode.decoded).toBe(0);
    expect(await bytes.list("")).toEqual([]);
  });
});

test("archives are opened, their folders are folders, and an archive in one is not", async () => {
  const archive = zipSync({
    "cats/1.png": drawnPng(1),
    "dogs/2.png": drawnPng(2),
    "dogs/inner.zip": strToU8("PK"),
    "dogs/readme.md": strToU8("words"),
  }) as Uint8Array<ArrayBuffer>;
  const { result, store } = await run([picked("pets.ZIP", archive), picked("pets/dogs/3.png", drawnPng(3))]);
  expect(reasons(result)).toEqual({
    "pets/dogs/inner.zip": "ArchiveInArchive",
    "pets/dogs/readme.md": "NotAPicture",
  });
  expect(result.ok && result.value.classes).toEqual([
    { name: "cats", count: 1 },
    { name: "dogs", count: 2 },
  ]);
  expect(await (await store.open(result.ok ? result.value.id : ""))!.names()).toEqual([
    "pets/cats/1.png",
    "pets/dogs/2.png",
    "pets/dogs/3.png",
  ]);
});

test("progress counts every file once and ends with all of them", async () => {
  const told: ImportCounts[] = [];
  const images: (NewImage | null)[] = [];
  const files = [
    ...[1, 2, 3].map((n) => picked(`${n}.png`, drawnPng(n))),
    picked("x.txt", "words"),
    picked(".x", ""),
  ];
  await run(
    files,
    {},
    {
      onProgress(counts, image) {
        told.push(counts);
        images.push(image);
      },
    },
  );
  expect(told[0]).toEqual({ done: 1, of: 5, accepted: 0, refused: 1 });
  expect(told.at(-1)).toEqual({ done: 5, of: 5, accepted: 3, refused: 2 });
  for (const { done, accepted, refused } of told) expect(done).toBe(accepted + refused);
  expect(images.map((image) => image?.name ?? null)).toEqual([null, "1.png", "2.png", "3.png", null]);
});

describe("nothing is kept", () => {
  const files = Array.from({ length: 12 }, (_, n) => picked(`${n}.png`, drawnPng(n)));

  test("of an import that is cancelled, at whatever file", async () => {
    for (const at of [0, 1, 5, 12]) {
      const controller = new AbortController();
      const { result, bytes, decode } = await run(
        files,
        {},
        {
          signal: controller.signal,
          onProgress: ({ done }) => done === at && controller.abort(),
        },
      );
      expect(result).toEqual({ ok: false, error: { kind: "Cancelled" } });
      expect(await bytes.list("")).toEqual([]);
      expect(decode.open).toBe(0);
      expect(decode.decoded).toBeLessThanOrEqual(at + 1);
    }
  });

  test("when storage is full", async () => {
    const kept = memoryFiles();
    const { result } = await run(files, {}, { bytes: cutAt(kept, 1) });
    expect(result).toMatchObject({ ok: false, error: { kind: "Storage", problem: { kind: "Full" } } });
    expect(await kept.list("")).toEqual([]);
  });

  test("when not one file is a picture; the reasons are told", async () => {
    const { result, bytes } = await run([picked("a.txt", "words"), picked("b.png", new Uint8Array())]);
    expect(result).toMatchObject({
      ok: false,
      error: { kind: "NothingUsable", refused: [{ name: "a.txt" }, { name: "b.png" }] },
    });
    expect(await bytes.list("")).toEqual([]);
  });

  test("for names and sizes that cannot be", async () => {
    for (const [option, value] of [
      ["name", "  "],
      ["name", "n".repeat(101)],
      ["imageSize", 8],
      ["imageSize", 64.5],
    ] as const) {
      const { result } = await run(files, { [option]: value });
      expect(result).toMatchObject({ ok: false, error: { kind: "BadOption", option } });
    }
  });
});

test("more files than a data set takes are refused before anything is read", async () => {
  const one = new Blob(["x"]);
  const { result } = await run(Array.from({ length: 20_001 }, (_, i) => ({ path: `${i}.png`, file: one })));
  expect(result).toEqual({ ok: false, error: { kind: "TooManyFiles", count: 20_001, limit: 20_000 } });
});

test("the smart square finds what the middle one misses", async () => {
  // A thing at the left end of a wide picture.
  const data = new Uint8Array(300 * 100 * 3).fill(240);
  for (let y = 20; y < 80; y++)
    for (let x = 10; x < 70; x++)
      data.fill((x >> 2) % 2 ? 30 : 200, 3 * (y * 300 + x), 3 * (y * 300 + x) + 3);
  const { encodePng } = await import("#images/png.ts");
  const files = [picked("wide.png", encodePng({ width: 300, height: 100, data }))];
  const [centre, smart] = [await run(files, { crop: "centre" }), await run(files, { crop: "smart" })];
  const image = async ({ result, store }: typeof centre) =>
    (await store.open(result.ok ? result.value.id : ""))!.images(0, 1);
  expect(new Set(await image(centre)).size).toBe(1); // nothing but the ground
  expect(new Set(await image(smart)).size).toBeGreaterThan(2);
});
