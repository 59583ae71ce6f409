import { describe, expect, test } from "vitest";
import { idTime, newDatasetId } from "#datasets/datasetId.ts";
import { browserLocks } from "#datasets/importLocks.ts";
import { imagesAPiece, PIECE_BYTES } from "#datasets/pieces.ts";
import { createDatasetStore } from "#datasets/store.ts";
import { DatasetStoreError } from "#datasets/storeError.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import { about, cutAt, filled, hashOf, image, memoryLocks } from "./support.ts";

/** A store in memory with its parts. */
function memoryStore(now = () => 1_700_000_000_000) {
  const files = memoryFiles();
  const locks = memoryLocks();
  return { files, locks, store: createDatasetStore({ files, locks, now }) };
}

const problemOf = async (asked: Promise<unknown>) => {
  const cause = await asked.then(
    () => null,
    (error: unknown) => error,
  );
  return cause instanceof DatasetStoreError ? cause.problem : cause;
};

test("what was written is read back: pixels over the seams of pieces, labels, names, hashes", async () => {
  const { store, files } = memoryStore();
  const size = 256; // 21 images a piece
  const count = 2 * imagesAPiece(size) + 3;
  const record = await filled(store, count, size, {
    refused: [{ name: "x.txt", reason: { kind: "Empty" } }],
  });
  expect(record).toMatchObject({
    name: "made up",
    createdAt: 1_700_000_000_000,
    imageSize: size,
    count,
    classes: [
      { name: "a", count: Math.ceil(count / 2) },
      { name: "b", count: Math.floor(count / 2) },
    ],
    refused: [{ name: "x.txt", reason: { kind: "Empty" } }],
  });
  const set = await store.open(record.id);
  expect(set?.record).toEqual(record);
  for (const [from, n] of [
    [0, 1],
    [19, 5],
    [count - 1, 1],
    [0, count],
    [7, 0],
  ] as const) {
    const pixels = await set!.images(from, n);
    expect(pixels.length).toBe(n * 3 * size * size);
    for (let i = 0; i < n; i++)
      expect(
        Buffer.compare(
          pixels.subarray(i * 3 * size * size, (i + 1) * 3 * size * size),
          image(from + i, size),
        ),
      ).toBe(0);
  }
  expect([...(await set!.labels())]).toEqual(about(count).labels);
  expect(await set!.names()).toEqual(about(count).names);
  expect(await set!.pixelHashes()).toEqual(about(count).pixelHashes);
  const kept = await files.list("");
  expect(Math.max(...kept.map(({ bytes }) => bytes))).toBeLessThanOrEqual(PIECE_BYTES);
  const record_ = kept.find(({ name }) => name.endsWith("/record"))?.bytes ?? 0;
  expect(record.bytes).toBe(kept.reduce((sum, { bytes }) => sum + bytes, 0) - record_);
});

test("a piece has a fixed place for each image: 341 of 64 pixels", () => {
  expect(imagesAPiece(64)).toBe(341);
  expect(imagesAPiece(4096)).toBe(1);
});

test("a set is in no list until it is finished, and then in the list of every store", async () => {
  const { store, files, locks } = memoryStore();
  const writer = await store.create(8);
  await writer.add(image(0, 8));
  expect(await store.list()).toEqual([]);
  expect(await store.open(writer.id)).toBeNull();
  await writer.finish(about(1));
  const other = createDatasetStore({ files, locks });
  expect((await other.list()).map(({ id }) => id)).toEqual([writer.id]);
});

test("the newest comes first", async () => {
  let time = 5000;
  const { store } = memoryStore(() => time);
  const first = await filled(store, 1, 8);
  time = 9000;
  const second = await filled(store, 1, 8);
  expect((await store.list()).map(({ id }) => id)).toEqual([second.id, first.id]);
});

describe("an import that is cut off", () => {
  test("at any write leaves nothing registered, and nothing at all after the sweep", async () => {
    const whole = cutAt(memoryFiles(), -1);
    await filled(createDatasetStore({ files: whole, locks: memoryLocks() }), 50, 256);
    expect(whole.writes).toBe(5); // three pieces, about, record
    for (let at = 0; at < whole.writes; at++) {
      const files = memoryFiles();
      const locks = memoryLocks();
      const store = createDatasetStore({ files: cutAt(files, at), locks });
      expect(await problemOf(filled(store, 50, 256))).toEqual({ kind: "Full", detail: "The disk is full." });
      expect(await store.list(), `write ${at}`).toEqual([]);
      expect(await store.sweep(), "while its lock is held").toBe(0);
      locks.die();
      expect(await store.sweep()).toBe(1);
      expect(await files.list("")).toEqual([]);
    }
  });

  test("and discarded leaves nothing, and gives its lock back", async () => {
    const { store, files, locks } = memoryStore();
    const writer = await store.create(256);
    for (let i = 0; i < 30; i++) await writer.add(image(i, 256));
    expect(await locks.isHeld(writer.id)).toBe(true);
    await writer.discard();
    expect(await files.list("")).toEqual([]);
    expect(await locks.isHeld(writer.id)).toBe(false);
  });

  test("does not take finished sets with it", async () => {
    const { store, locks } = memoryStore();
    const record = await filled(store, 3, 8);
    await (await store.create(8)).add(image(0, 8));
    locks.die();
    await store.sweep();
    expect((await store.list()).map(({ id }) => id)).toEqual([record.id]);
  });
});

test("a set of equal pixels has equal pixelsSha256 and another id", async () => {
  const { store } = memoryStore();
  const [a, b, c] = [await filled(store, 4, 8), await filled(store, 4, 8), await filled(store, 5, 8)];
  expect(a.pixelsSha256).toBe(b.pixelsSha256);
  expect(a.pixelsSha256).not.toBe(c.pixelsSha256);
  expect(new Set([a.id, b.id, c.id]).size).toBe(3);
});

test("a class without images is left out and labels close up", async () => {
  const { store } = memoryStore();
  const { id } = await filled(store, 3, 8, {
    classNames: ["none", "x", "none either", "y"],
    labels: [3, 1, 3],
  });
  const set = await store.open(id);
  expect(set?.record.classes).toEqual([
    { name: "x", count: 1 },
    { name: "y", count: 2 },
  ]);
  expect([...(await set!.labels())]).toEqual([1, 0, 1]);
});

test("a new name is there at once, and the old one when writing it was cut off", async () => {
  const { store, files, locks } = memoryStore();
  const { id } = await filled(store, 1, 8);
  await store.rename(id, "second");
  expect((await store.open(id))?.record.name).toBe("second");
  const cut = createDatasetStore({ files: cutAt(files, 0), locks });
  expect(await problemOf(cut.rename(id, "third"))).toMatchObject({ kind: "Full" });
  expect((await store.list())[0]?.name).toBe("second");
  expect(await problemOf(store.rename("nobody", "x"))).toEqual({ kind: "Missing", id: "nobody" });
});

test("a removed set is gone with all of its files, and whoever has it open is told", async () => {
  const { store, files } = memoryStore();
  const { id } = await filled(store, 3, 8);
  const set = await store.open(id);
  await set!.attach("latents", new Uint8Array(100));
  await store.remove(id);
  expect(await files.list("")).toEqual([]);
  expect(await store.list()).toEqual([]);
  expect(await problemOf(set!.images(0, 1))).toEqual({ kind: "Missing", id });
  expect(await problemOf(set!.labels())).toEqual({ kind: "Missing", id });
  await store.remove(id);
});

test("a piece that was cut by something else is said to be damaged", async () => {
  const { store, files } = memoryStore();
  const { id } = await filled(store, 3, 8);
  await files.write(`${id}/pixels/00000`, [new Uint8Array(200)]);
  const set = await store.open(id);
  expect(await problemOf(set!.images(0, 3))).toMatchObject({ kind: "Damaged", id });
  expect((await set!.images(0, 1)).length).toBe(192);
});

test("images that are not there are refused by number", async () => {
  const { store } = memoryStore();
  const { id } = await filled(store, 3, 8);
  const set = await store.open(id);
  for (const [from, count] of [
    [-1, 1],
    [2, 2],
    [0.5, 1],
    [0, Number.NaN],
  ] as const)
    expect(await problemOf(set!.images(from, count))).toEqual({ kind: "OutOfRange", from, count, of: 3 });
});

describe("what is attached", () => {
  const bytes = (n: number, seed = 1) =>
    Uint8Array.from({ length: n }, (_, i) => (i * seed + (i >> 9)) & 255);

  test("is read back whole and in parts, over the seams of pieces", async () => {
    const { store, files } = memoryStore();
    const set = await store.open((await filled(store, 1, 8)).id);
    const latents = bytes(2 * PIECE_BYTES + 77);
    await set!.attach("latents of a/b\\c:*?", latents);
    expect(await set!.attached("scores")).toBeNull();
    expect(Buffer.compare((await set!.attached("latents of a/b\\c:*?"))!, latents)).toBe(0);
    const [from, to] = [PIECE_BYTES - 5, 2 * PIECE_BYTES + 9];
    expect(
      Buffer.compare((await set!.attached("latents of a/b\\c:*?", from, to))!, latents.subarray(from, to)),
    ).toBe(0);
    expect(
      (await set!.attached("latents of a/b\\c:*?", latents.length - 3, latents.length + 50))!.length,
    ).toBe(3);
    expect(await set!.attachments()).toEqual([{ key: "latents of a/b\\c:*?", bytes: latents.length }]);
    expect(await store.attachedBytes(set!.record.id)).toBeGreaterThanOrEqual(latents.length);
    expect(Math.max(...(await files.list("")).map((file) => file.bytes))).toBeLessThanOrEqual(PIECE_BYTES);
    await set!.detach("latents of a/b\\c:*?");
    expect(await set!.attachments()).toEqual([]);
    expect(await store.attachedBytes(set!.record.id)).toBe(0);
  });

  test("is the old or the new when replacing was cut off at any write", async () => {
    for (let at = 0; at < 4; at++) {
      const files = memoryFiles();
      const locks = memoryLocks();
      const { id } = await filled(createDatasetStore({ files, locks }), 1, 8);
      const old = bytes(PIECE_BYTES + 5, 3);
      const [piecesAndHead, later] = [cutAt(files, at), createDatasetStore({ files, locks })];
      await (await later.open(id))!.attach("k", old);
      const writing = (await createDatasetStore({ files: piecesAndHead, locks }).open(id))!;
      const next = bytes(PIECE_BYTES + 9, 5);
      const problem = await problemOf(writing.attach("k", next));
      const there = await (await later.open(id))!.attached("k");
      if (at < 3) expect(problem, `write ${at}`).toMatchObject({ kind: "Full" });
      expect(Buffer.compare(there!, at < 3 ? old : next)).toBe(0);
    }
  });

  test("does not gather what it replaces", async () => {
    const { store, files } = memoryStore();
    const set = await store.open((await filled(store, 1, 8)).id);
    for (let i = 1; i <= 5; i++) await set!.attach("k", bytes(1000, i));
    const kept = (await files.list(`${set!.record.id}/attached/`)).reduce((sum, file) => sum + file.bytes, 0);
    expect(kept).toBeLessThan(2000);
    expect(await set!.attached("k")).toEqual(bytes(1000, 5));
  });

  test("needs a key", async () => {
    const { store } = memoryStore();
    const set = await store.open((await filled(store, 1, 8)).id);
    await expect(set!.attach("", bytes(1))).rejects.toThrow(RangeError);
    await expect(set!.attach("k".repeat(201), bytes(1))).rejects.toThrow(RangeError);
  });
});

test("an image of another size, and lists of another length, are refused", async () => {
  const { store } = memoryStore();
  const writer = await store.create(8);
  await expect(writer.add(new Uint8Array(191))).rejects.toThrow("191 bytes are no 8 × 8 image");
  await writer.add(image(0, 8));
  await expect(writer.finish(about(2))).rejects.toThrow(RangeError);
});

test("everyone who listens is told of what comes, goes and is renamed", async () => {
  const { store } = memoryStore();
  let told = 0;
  const end = store.onChange(() => told++);
  const { id } = await filled(store, 1, 8);
  await store.rename(id, "other");
  await store.remove(id);
  expect(told).toBe(3);
  end();
  await filled(store, 1, 8);
  expect(told).toBe(3);
});

test("everything is gone when storage is destroyed", async () => {
  const { store, files } = memoryStore();
  await filled(store, 1, 8);
  await store.destroy();
  expect(await store.list()).toEqual([]);
  expect(await files.list("")).toEqual([]);
});

test("ids sort by age, say when they were made, and differ within a millisecond", () => {
  const ids = [newDatasetId(1), newDatasetId(1_700_000_000_000), newDatasetId(4_000_000_000_000)];
  expect([...ids].sort()).toEqual(ids);
  expect(idTime(ids[1]!)).toBe(1_700_000_000_000);
  expect(idTime("somebody's file")).toBeNaN();
  expect(newDatasetId(1, () => 0.25)).not.toBe(newDatasetId(1, () => 0.5));
  expect(hashOf(10)).toHaveLength(64);
});

test("without locks an import is left alone for a day", async () => {
  const id = newDatasetId(1_700_000_000_000);
  const hour = 3_600_000;
  const at = (now: number) => browserLocks(null, () => now).isHeld(id);
  expect(await at(1_700_000_000_000 + 23 * hour)).toBe(true);
  expect(await at(1_700_000_000_000 + 25 * hour)).toBe(false);
  expect(await browserLocks(null).isHeld("somebody's file")).toBe(false);
});
