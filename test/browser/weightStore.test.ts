import { afterEach, beforeEach, expect, test } from "vitest";
import { filesOf, parseManifest } from "#checkpoints/manifest.ts";
import { createWeightStore } from "#checkpoints/store.ts";
import { CACHE_NAME, cacheKey } from "#checkpoints/weightCache.ts";

const manifestUrl = new URL("/models/manifest.json", location.href).href;
let requests: string[] = [];
const counted = (url: string, init: RequestInit) => {
  requests.push(url);
  return fetch(url, init);
};
const newStore = () => createWeightStore({ fetch: counted, caches, manifestUrl });

/** The smallest part of the first shipped family: its encoder. */
async function smallestPart() {
  const parsed = parseManifest(await (await fetch(manifestUrl)).json());
  const files = parsed.ok && filesOf(parsed.value.families[0], "encoder");
  if (!files) throw new Error("no manifest");
  return files;
}

beforeEach(async () => {
  await caches.delete(CACHE_NAME);
  requests = [];
});
afterEach(() => caches.delete(CACHE_NAME));

test("shipped weights arrive over the network, stay in the browser's cache, and are read from there", async () => {
  const files = await smallestPart();
  for (const round of [1, 2]) {
    const loaded = await newStore().load(files);
    expect(loaded).toMatchObject({ ok: true, value: { warnings: [] } });
    expect(loaded.ok && loaded.value.files.map((bytes) => bytes.length)).toEqual(
      files.map((file) => file.bytes),
    );
    expect([round, requests.length]).toEqual([round, files.length]);
  }
});

test("a cache entry that went bad is found by its sha256, fetched again and replaced", async () => {
  const [file] = await smallestPart();
  const cache = await caches.open(CACHE_NAME);
  await cache.put(cacheKey(file.sha256), new Response(new Uint8Array(file.bytes)));
  expect(await newStore().load([file])).toMatchObject({
    ok: true,
    value: { warnings: [{ kind: "CacheCorrupt", file: file.file }] },
  });
  expect(await newStore().load([file])).toMatchObject({ ok: true, value: { warnings: [] } });
  expect(requests).toHaveLength(1);
});

test("a download that is cancelled stops, and nothing half is cached", async () => {
  const [file] = await smallestPart();
  const controller = new AbortController();
  const loading = newStore().load([file], {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  expect(await loading).toEqual({ ok: false, error: { kind: "Aborted" } });
  expect(await (await caches.open(CACHE_NAME)).keys()).toEqual([]);
});
