import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { averageByArea } from "#datasets/averageByArea.ts";
import { browserDatasets } from "#datasets/browserDatasets.ts";
import { browserLocks } from "#datasets/importLocks.ts";
import { createDatasetStore } from "#datasets/store.ts";
import { indexedFiles } from "#files/indexedFiles.ts";
import { connectPictures, type PicturesClient } from "#workers/picturesClient.ts";
import type { ImportOptions, PickedFile } from "#workers/picturesProtocol.ts";
import { drawnPixels, drawnPng, picked } from "../datasets/pictures.ts";
import { filled } from "../datasets/support.ts";
import discsAvif from "../fixtures/datasets/discs.avif?url";
import { ihdr, png } from "../images/pngBytes.ts";
import { bmp, gif } from "../images/smallPictures.ts";

const OPTIONS: ImportOptions = {
  name: "mine",
  imageSize: 64,
  crop: "centre",
  classes: "folders",
  nearDuplicates: "skip",
};
const FOLDER = "steadyflow-datasets";
const store = browserDatasets();
let client: PicturesClient;

beforeEach(() => {
  client = connectPictures();
});
afterEach(async () => {
  client.close();
  await store.destroy();
});

/** A drawn picture through the browser's own encoder. */
async function encoded(
  seed: number,
  type: string,
  width = 96,
  height = 96,
): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height);
  const rgb = drawnPixels(seed, width, height);
  const rgba = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) =>
    (i & 3) === 3 ? 255 : rgb[3 * (i >> 2) + (i & 3)]!,
  );
  canvas.getContext("2d")!.putImageData(new ImageData(rgba, width, height), 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.95 })).arrayBuffer());
}

/** Names of all files that data sets have in the browser's private file system. */
async function storedFiles(): Promise<string[]> {
  const names: string[] = [];
  const walk = async (directory: FileSystemDirectoryHandle, path: string): Promise<void> => {
    for await (const [name, handle] of directory.entries())
      if (handle instanceof FileSystemDirectoryHandle) await walk(handle, `${path}${name}/`);
      else names.push(path + name);
  };
  const root = await navigator.storage.getDirectory();
  await walk(await root.getDirectoryHandle(FOLDER, { create: true }), "");
  return names;
}

/** What an import made, as the page reads it. */
async function imported(files: readonly PickedFile[], options: Partial<ImportOptions> = {}) {
  const made = await client.import(files, { ...OPTIONS, ...options });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const set = await store.open(made.value.id);
  if (!set) throw new Error("the page does not see the data set");
  return { record: made.value, set, names: await set.names(), pixels: await set.images(0, made.value.count) };
}

const averageLevels = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, level, i) => sum + Math.abs(level - b[i]!), 0) / a.length;

/** What an import should make of a drawn picture, computed here. */
function expected(seed: number, width = 96, height = 96): Uint8Array {
  const rgb = drawnPixels(seed, width, height);
  const rgba = Uint8Array.from({ length: 4 * width * height }, (_, i) => rgb[3 * (i >> 2) + (i & 3)] ?? 0);
  const side = Math.min(width, height);
  const square = { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), side };
  return averageByArea({ width, height, rgba }, square, 64);
}

test("a folder with broken, tiny, huge, repeated and foreign files, and a zip, becomes the data set of what is good", async () => {
  const jpeg = await encoded(11, "image/jpeg");
  const archive = zipSync({
    "cats/z1.png": drawnPng(21),
    "birds/z2.webp": await encoded(22, "image/webp"),
    "birds/readme.txt": new TextEncoder().encode("words"),
    "birds/cut.jpg": jpeg.slice(0, 900),
  }) as Uint8Array<ArrayBuffer>;
  const files = [
    picked("pets/cats/1.png", drawnPng(1)),
    picked("pets/cats/2.jpg", jpeg),
    picked("pets/dogs/3.webp", await encoded(12, "image/webp")),
    picked("pets/dogs/4.png", drawnPng(4, 640, 480)),
    picked("pets/dogs/copy of 3.webp", await encoded(12, "image/webp")),
    picked("pets/dogs/smaller 4.jpg", await encoded(4, "image/jpeg", 320, 240)),
    picked("pets/dogs/cut.png", drawnPng(5).slice(0, 700)),
    picked("pets/dogs/cut.jpg", jpeg.slice(0, jpeg.length - 200)),
    picked("pets/dogs/tiny.png", drawnPng(6, 12, 12)),
    picked("pets/dogs/huge.png", Uint8Array.from(png(ihdr(30_000, 30_000)))),
    picked("pets/dogs/notes.txt", "not a picture"),
    picked("pets/dogs/really text.png", "not a picture either"),
    picked("pets/dogs/empty.jpg", new Uint8Array()),
    picked("pets/.DS_Store", "Bud1"),
    picked("pets/more.zip", archive),
    picked("pets/broken.zip", archive.slice(0, 300)),
  ];
  const { record, set, names, pixels } = await imported(files);
  expect(Object.fromEntries(record.refused.map(({ name, reason }) => [name, reason.kind]))).toEqual({
    "pets/dogs/copy of 3.webp": "SameFile",
    "pets/dogs/smaller 4.jpg": "NearDuplicate",
    "pets/dogs/cut.png": "Broken",
    "pets/dogs/cut.jpg": "Broken",
    "pets/dogs/tiny.png": "TooSmall",
    "pets/dogs/huge.png": "TooManyPixels",
    "pets/dogs/notes.txt": "NotAPicture",
    "pets/dogs/really text.png": "NotAPicture",
    "pets/dogs/empty.jpg": "Empty",
    "pets/.DS_Store": "SystemFile",
    "pets/broken.zip": "BadArchive",
    "pets/more/birds/readme.txt": "NotAPicture",
    "pets/more/birds/cut.jpg": "Broken",
  });
  expect(names).toEqual([
    "pets/cats/1.png",
    "pets/cats/2.jpg",
    "pets/dogs/3.webp",
    "pets/dogs/4.png",
    "pets/more/birds/z2.webp",
    "pets/more/cats/z1.png",
  ]);
  expect(record.classes).toEqual([
    { name: "cats", count: 2 },
    { name: "dogs", count: 2 },
    { name: "more/birds", count: 1 },
    { name: "more/cats", count: 1 },
  ]);
  expect([...(await set.labels())]).toEqual([0, 0, 1, 1, 2, 3]);
  const image = (i: number) => pixels.subarray(i * 12_288, (i + 1) * 12_288);
  // A PNG comes out as the arithmetic says, to the last bit.
  expect(image(0)).toEqual(expected(1));
  expect(image(3)).toEqual(expected(4, 640, 480));
  expect(image(5)).toEqual(expected(21));
  expect(averageLevels(image(1), expected(11))).toBeLessThan(4); // JPEG loses a little
  expect(averageLevels(image(2), expected(12))).toBeLessThan(6); // and WebP's edges a little more
});

test("every format that is promised is read", async () => {
  const avif = new Uint8Array(await (await fetch(discsAvif)).arrayBuffer());
  const { record, names, pixels } = await imported(
    [
      picked("a.png", drawnPng(1)),
      picked("b.jpg", await encoded(2, "image/jpeg")),
      picked("c.webp", await encoded(3, "image/webp")),
      picked("d.gif", Uint8Array.from(gif(40, 40))),
      picked("e.bmp", Uint8Array.from(bmp(64, 64, [10, 120, 250]))),
      picked("f.avif", avif),
    ],
    { nearDuplicates: "keep" },
  );
  expect(record.refused).toEqual([]);
  expect(names.length).toBe(6);
  expect([...pixels.subarray(3 * 12_288, 3 * 12_288 + 3)]).toEqual([200, 210, 220]);
  expect([...pixels.subarray(4 * 12_288, 4 * 12_288 + 3)]).toEqual([250, 120, 10]);
  expect(averageLevels(pixels.subarray(5 * 12_288, 6 * 12_288), expected(77, 96, 80))).toBeLessThan(12);
});

/** A JPEG that carries an EXIF orientation. */
function oriented(jpeg: Uint8Array, orientation: number): Uint8Array<ArrayBuffer> {
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2, ...exif, ...jpeg.subarray(2)]);
}

/** How a camera that was held in each of the eight ways has stored an upright picture: the canvas's transform from upright
 *  to stored. TIFF 6.0, Orientation. */
const STORED: Record<number, (w: number, h: number) => [number, number, number, number, number, number]> = {
  1: () => [1, 0, 0, 1, 0, 0],
  2: (w) => [-1, 0, 0, 1, w, 0],
  3: (w, h) => [-1, 0, 0, -1, w, h],
  4: (_w, h) => [1, 0, 0, -1, 0, h],
  5: () => [0, 1, 1, 0, 0, 0],
  6: (w) => [0, -1, 1, 0, 0, w],
  7: (w, h) => [0, -1, -1, 0, h, w],
  8: (_w, h) => [0, 1, -1, 0, h, 0],
};

test("pictures stand upright, however the camera was held", async () => {
  const [width, height] = [160, 96];
  const files: PickedFile[] = [];
  for (const [orientation, transform] of Object.entries(STORED)) {
    const upright = await createImageBitmap(new Blob([drawnPng(30 + Number(orientation), width, height)]));
    const turned = Number(orientation) >= 5;
    const canvas = new OffscreenCanvas(turned ? height : width, turned ? width : height);
    const on = canvas.getContext("2d")!;
    on.setTransform(...transform(width, height));
    on.drawImage(upright, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 1 });
    const jpeg = new Uint8Array(await blob.arrayBuffer());
    files.push(picked(`${orientation}.jpg`, oriented(jpeg, Number(orientation))));
  }
  const { pixels, record } = await imported(files, { nearDuplicates: "keep" });
  expect(record.count).toBe(8);
  for (let i = 0; i < 8; i++)
    expect(
      averageLevels(pixels.subarray(i * 12_288, (i + 1) * 12_288), expected(31 + i, width, height)),
      `orientation ${i + 1}`,
    ).toBeLessThan(2);
});

test("what is transparent lies on white", async () => {
  const canvas = new OffscreenCanvas(64, 64);
  const on = canvas.getContext("2d")!;
  on.fillStyle = "rgb(0 0 0 / 50%)";
  on.fillRect(0, 0, 64, 32);
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  const { pixels } = await imported([picked("a.png", bytes)]);
  expect(pixels[0]).toBeGreaterThanOrEqual(126);
  expect(pixels[0]).toBeLessThanOrEqual(129);
  expect(pixels[12_287]).toBe(255);
});

test("a photograph of twelve megapixels is averaged exactly, through strips of four mebibytes", async () => {
  const [width, height] = [4000, 3000];
  const canvas = new OffscreenCanvas(width, height);
  const on = canvas.getContext("2d")!;
  // Bars of whole pixels: each target pixel, 46.875 wide, has its own share of them.
  for (let x = 0; x < width; x += 40) {
    on.fillStyle = x % 80 === 0 ? "rgb(200 40 90)" : "rgb(20 220 130)";
    on.fillRect(x, 0, 40, height);
  }
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  const { pixels } = await imported([picked("a.png", bytes)]);
  const row = new Uint8Array(4 * 3000);
  for (let x = 0; x < 3000; x++)
    row.set((x + 500) % 80 < 40 ? [200, 40, 90, 255] : [20, 220, 130, 255], 4 * x);
  // Every row is the same, so that the means over rows do not matter.
  const bars = Array.from({ length: 64 }, (_, i) => [...pixels.subarray(3 * i, 3 * i + 3)]);
  for (let i = 0; i < 64; i++) {
    const mean = [0, 1, 2].map((c) => {
      let sum = 0;
      for (let unit = i * 3000; unit < (i + 1) * 3000; unit++) sum += row[4 * Math.floor(unit / 64) + c]!;
      return Math.floor(sum / 3000 + 0.5);
    });
    expect(bars[i]).toEqual(mean);
  }
});

describe("nothing is left behind", () => {
  const many = () => Array.from({ length: 60 }, (_, i) => picked(`${i}.png`, drawnPng(i, 64, 64)));

  test("by an import that is cancelled", async () => {
    const controller = new AbortController();
    const answer = await client.import(many(), OPTIONS, {
      signal: controller.signal,
      onProgress: ({ done }) => done > 0 && controller.abort(),
    });
    expect(answer).toEqual({ ok: false, error: { kind: "Cancelled" } });
    expect(await store.list()).toEqual([]);
    expect(await storedFiles()).toEqual([]);
  });

  test("by a worker that is killed in the middle, once the page has swept", async () => {
    const large = { ...OPTIONS, imageSize: 512, nearDuplicates: "keep" } as const; // a piece holds five images
    const files = Array.from({ length: 30 }, (_, i) => picked(`${i}.png`, drawnPng(i, 256, 256)));
    let done = 0;
    const answer = client.import(files, large, {
      onProgress(progress) {
        done = progress.done;
        if (done >= 12) client.close();
      },
    });
    expect(await answer).toEqual({ ok: false, error: { kind: "Cancelled" } });
    expect(done).toBeLessThan(30);
    expect(await store.list()).toEqual([]);
    expect((await storedFiles()).length).toBeGreaterThan(0); // it had written
    // The lock of a worker that was ended is given back a moment later.
    await expect.poll(() => store.sweep(), { timeout: 10_000 }).toBe(1);
    expect(await storedFiles()).toEqual([]);
  });

  test("and an import that runs in another tab is not swept", async () => {
    let swept = -1;
    const checks: Promise<void>[] = [];
    const answer = await client.import(many(), OPTIONS, {
      onProgress: ({ done, of }) => {
        if (done > 0 && done < of)
          checks.push(
            store.sweep().then((count) => {
              swept = Math.max(swept, count);
            }),
          );
      },
    });
    await Promise.all(checks);
    expect(answer.ok).toBe(true);
    expect(checks.length).toBeGreaterThan(0);
    expect(swept).toBe(0);
    expect((await store.list()).length).toBe(1);
  });
});

test("a ninth style is drawn in the worker, renamed there, and deleted by the page", async () => {
  const made = await client.draw({ name: "ninth", style: "pixelArt", count: 200, imageSize: 64 });
  expect(made).toMatchObject({
    ok: true,
    value: { count: 200, classes: [{ name: "pixelArt", count: 200 }] },
  });
  const id = made.ok ? made.value.id : "";
  expect(await client.rename(id, "my pixels")).toEqual({ ok: true, value: null });
  expect((await store.list()).map(({ name }) => name)).toEqual(["my pixels"]);
  const set = await store.open(id);
  expect(new Set(await set!.images(199, 1)).size).toBeGreaterThan(5);
  await store.remove(id);
  expect(await storedFiles()).toEqual([]);
});

test("two previews show both squares of a wide picture", async () => {
  const files = [picked("a.png", drawnPng(1, 300, 100)), picked("b.png", drawnPng(2, 100, 300))];
  const seen = await client.preview({ files, count: 4, imageSize: 64 });
  expect(seen).toMatchObject({
    ok: true,
    value: {
      files: 2,
      previews: [
        {
          path: "a.png",
          centre: { square: { left: 100, top: 0, side: 100 } },
          thumbnail: { width: 256, height: 85 },
        },
        {
          path: "b.png",
          centre: { square: { left: 0, top: 100, side: 100 } },
          thumbnail: { width: 85, height: 256 },
        },
      ],
    },
  });
});

test("where there is no private file system, sets are kept in IndexedDB", async () => {
  const kept = createDatasetStore({ files: indexedFiles("test-datasets"), locks: browserLocks() });
  try {
    const record = await filled(kept, 45, 256);
    const again = createDatasetStore({ files: indexedFiles("test-datasets"), locks: browserLocks() });
    expect(await again.list()).toEqual([record]);
    const set = await again.open(record.id);
    expect((await set!.images(20, 3)).length).toBe(3 * 3 * 256 * 256);
    await set!.attach("latents", new Uint8Array(5_000_000).fill(7));
    expect(await set!.attached("latents", 4_999_990)).toEqual(new Uint8Array(10).fill(7));
    await again.remove(record.id);
    expect(await again.list()).toEqual([]);
  } finally {
    for (const { id } of await kept.list()) await kept.remove(id);
  }
});
