import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createDrawer } from "#datasets/drawn/drawer.ts";
import { DRAWN_COUNTS, NINTH_STYLES } from "#datasets/drawn/ninthStyles.ts";
import { createDatasetStore } from "#datasets/store.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import { createPictures, type PicturesParts } from "#workers/pictures.ts";
import { createPicturesClient } from "#workers/picturesClient.ts";
import type { ImportOptions, ImportProgress, PicturesReply } from "#workers/picturesProtocol.ts";
import { memoryDecoder } from "../datasets/memoryDecoder.ts";
import { drawnPng, picked } from "../datasets/pictures.ts";
import { memoryLocks } from "../datasets/support.ts";

const OPTIONS: ImportOptions = {
  name: "mine",
  imageSize: 64,
  crop: "centre",
  classes: "folders",
  nearDuplicates: "skip",
};

/** A client and the worker's own code, joined by a wire that copies and transfers as a real one does. */
function joined(parts: Partial<PicturesParts> = {}) {
  const files = memoryFiles();
  const store = createDatasetStore({ files, locks: memoryLocks() });
  const decode = memoryDecoder();
  const replies: PicturesReply[] = [];
  let told = 0;
  const client = createPicturesClient((onReply) => {
    const pictures = createPictures(
      {
        store,
        decode,
        openDrawer: (style) =>
          createDrawer(
            style,
            async () => Uint8Array.from(readFileSync("node_modules/@resvg/resvg-wasm/index_bg.wasm")).buffer,
          ),
        now: () => (told += 100), // every file is time for a report
        ...parts,
      },
      (reply, transfer = []) => {
        const copy = structuredClone(reply, { transfer });
        replies.push(copy);
        setTimeout(() => onReply(copy));
      },
    );
    return { send: (request) => setTimeout(() => pictures.handle(request)), close: () => {} };
  });
  return { client, store, files, replies, decode };
}

const six = [1, 2, 3, 4, 5, 6].map((n) => picked(`set/${n}.png`, drawnPng(n)));

test("an import is answered once, after progress with the newest pictures", async () => {
  const { client, store, replies } = joined();
  const told: ImportProgress[] = [];
  const made = await client.import(six, OPTIONS, { onProgress: (progress) => told.push(progress) });
  expect(made).toMatchObject({ ok: true, value: { count: 6 } });
  expect(replies.map(({ type }) => type)).toEqual([...told.map(() => "progress"), "made"]);
  expect(told.at(-1)).toMatchObject({ done: 6, of: 6, accepted: 6, refused: 0 });
  expect(told.flatMap(({ latest }) => latest.map(({ name }) => name))).toEqual(six.map(({ path }) => path));
  const [{ rgba, size }] = told.at(-1)!.latest;
  const set = await store.open(made.ok ? made.value.id : "");
  const rgb = await set!.images(5, 1);
  expect(size).toBe(64);
  expect(new Uint8Array(rgba).filter((_, i) => i % 4 !== 3)).toEqual(rgb);
});

test("progress comes twenty times a second at most, and at the end in any case", async () => {
  let time = 0;
  const { client, replies } = joined({ now: () => (time += 20) });
  await client.import(six, OPTIONS);
  const told = replies.flatMap((reply) => (reply.type === "progress" ? [reply.progress.done] : []));
  expect(told).toEqual([0, 3, 6]);
});

test("a cancelled import is answered as that and leaves nothing; the next one works", async () => {
  const { client, files, decode } = joined();
  const controller = new AbortController();
  const cancelled = await client.import(six, OPTIONS, {
    signal: controller.signal,
    onProgress: ({ done }) => done === 2 && controller.abort(),
  });
  expect(cancelled).toEqual({ ok: false, error: { kind: "Cancelled" } });
  expect(await files.list("")).toEqual([]);
  expect(decode.decoded).toBeLessThan(6);
  expect((await client.import(six, OPTIONS)).ok).toBe(true);
  expect(await client.import(six, OPTIONS, { signal: controller.signal })).toEqual(cancelled);
});

test("imports are served one after the other, and one that waits can be cancelled", async () => {
  const { client, store, replies } = joined();
  const controller = new AbortController();
  const first = client.import(six, { ...OPTIONS, name: "first" });
  const second = client.import(six, { ...OPTIONS, name: "second" }, { signal: controller.signal });
  const third = client.import(six.slice(0, 3), { ...OPTIONS, name: "third" });
  controller.abort();
  expect(await second).toEqual({ ok: false, error: { kind: "Cancelled" } });
  expect([(await first).ok, (await third).ok]).toEqual([true, true]);
  expect((await store.list()).map(({ name }) => name).sort()).toEqual(["first", "third"]);
  const ids = replies.map(({ id }) => id);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
});

test("what a cut import left is swept before the next one", async () => {
  const { client, files } = joined();
  await files.write("00loq0000-deadbeef/pixels/00000", [new Uint8Array(1000)]);
  await client.import(six, OPTIONS);
  expect((await files.list("00loq0000")).length).toBe(0);
});

describe("previews", () => {
  test("show both squares and the very images that an import makes", async () => {
    const { client, store } = joined();
    const files = [picked("wide.png", drawnPng(3, 200, 100)), picked("notes.txt", "words")];
    const seen = await client.preview({ files, count: 8, imageSize: 64 });
    const [preview] = seen.ok ? seen.value.previews : [];
    expect(seen).toMatchObject({
      ok: true,
      value: { files: 2, previews: [{ path: "wide.png", width: 200, height: 100 }] },
    });
    expect(preview!.centre.square).toEqual({ left: 50, top: 0, side: 100 });
    expect(preview!.thumbnail.rgba.length).toBe(4 * preview!.thumbnail.width * preview!.thumbnail.height);
    for (const crop of ["centre", "smart"] as const) {
      const made = await client.import(files, { ...OPTIONS, crop });
      const set = await store.open(made.ok ? made.value.id : "");
      expect(await set!.images(0, 1)).toEqual(preview![crop].rgb);
    }
  });

  test("come from the whole list, pass over what is no use, and stop at the count", async () => {
    const { client, decode } = joined();
    const files = Array.from({ length: 40 }, (_, i) =>
      i % 4 === 1 ? picked(`${i}.png`, "broken") : picked(`${i}.png`, drawnPng(i)),
    );
    const seen = await client.preview({ files, count: 5, imageSize: 64 });
    const shown = seen.ok ? seen.value.previews.map(({ path }) => Number.parseInt(path, 10)) : [];
    expect(shown.length).toBe(5);
    expect(Math.max(...shown) - Math.min(...shown)).toBeGreaterThan(20);
    expect(shown.filter((i) => i % 4 === 1)).toEqual([]);
    expect([decode.decoded, decode.open]).toEqual([5, 0]);
    const none = await client.preview({ files: [picked("a.txt", "words")], count: 5, imageSize: 64 });
    expect(none).toEqual({ ok: true, value: { files: 1, previews: [] } });
  });
});

describe("drawings", () => {
  test("are avatars of one class, seeds as names, each different", async () => {
    const { client, store } = joined();
    const made = await client.draw({ name: "ninth", style: "miniavs", count: 200, imageSize: 64 });
    expect(made).toMatchObject({
      ok: true,
      value: { count: 200, source: "drawn", classes: [{ name: "miniavs", count: 200 }], refused: [] },
    });
    const set = await store.open(made.ok ? made.value.id : "");
    expect((await set!.names())[7]).toMatch(/^miniavs\/\d+$/);
    expect(new Set(await set!.pixelHashes()).size).toBe(200);
    const drawer = await createDrawer("miniavs", () => Promise.reject(new Error("it is there already")));
    expect(await set!.images(199, 1)).toEqual(drawer.draw((await set!.names())[199]!, 64));
  });

  test("are cancelled between two avatars and leave nothing", async () => {
    const { client, files } = joined();
    const controller = new AbortController();
    const made = await client.draw(
      { name: "ninth", style: "pixelArt", count: 200, imageSize: 64 },
      { signal: controller.signal, onProgress: ({ done }) => done === 3 && controller.abort() },
    );
    expect(made).toEqual({ ok: false, error: { kind: "Cancelled" } });
    expect(await files.list("")).toEqual([]);
  });

  test("say when what draws cannot be fetched, and what cannot be drawn", async () => {
    const { client } = joined({ openDrawer: () => Promise.reject(new Error("offline")) });
    const options = { name: "ninth", style: NINTH_STYLES[0]!.name, count: 200, imageSize: 64 };
    expect(await client.draw(options)).toEqual({
      ok: false,
      error: { kind: "DrawingUnreachable", detail: "offline" },
    });
    for (const [option, value] of [
      ["count", DRAWN_COUNTS.least - 1],
      ["count", DRAWN_COUNTS.most + 1],
      ["imageSize", 96],
      ["name", ""],
    ] as const)
      expect(await client.draw({ ...options, [option]: value })).toMatchObject({
        ok: false,
        error: { kind: "BadOption", option },
      });
  });
});

test("a set is renamed, and a set that is gone is told", async () => {
  const { client, store } = joined();
  const made = await client.import(six, OPTIONS);
  const id = made.ok ? made.value.id : "";
  expect(await client.rename(id, " better ")).toEqual({ ok: true, value: null });
  expect((await store.list())[0]?.name).toBe("better");
  expect(await client.rename(id, " ")).toMatchObject({ ok: false, error: { kind: "BadOption" } });
  expect(await client.rename("nobody", "x")).toMatchObject({
    ok: false,
    error: { kind: "Storage", problem: { kind: "Missing" } },
  });
});

test("a worker that dies answers what is open, and the next request starts another", async () => {
  let starts = 0;
  const client = createPicturesClient((_onReply, onFailure) => {
    starts++;
    setTimeout(() => onFailure("out of memory"));
    return { send: () => {}, close: () => {} };
  });
  const lost = { ok: false, error: { kind: "Internal", detail: "out of memory" } };
  expect(await Promise.all([client.import(six, OPTIONS), client.rename("a", "b")])).toEqual([lost, lost]);
  expect(await client.rename("a", "b")).toEqual(lost);
  expect(starts).toBe(2);
});
