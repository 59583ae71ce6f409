import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileEntry } from "#checkpoints/manifest.ts";
import { createWeightStore, type StoreProgress } from "#checkpoints/store.ts";
import { cacheKey } from "#checkpoints/weightCache.ts";
import { seeded } from "../bytes/mutations.ts";
import { cutAfter, instead, serveFiles, stall, status } from "./fileServer.ts";
import { memoryCaches } from "./memoryCaches.ts";

const random = seeded(5);
const content = (length: number) => Uint8Array.from({ length }, () => random() * 256);
const files = { "family/a.safetensors": content(300_000), "family/b.safetensors": content(200_000) };
const entry = (file: keyof typeof files): FileEntry => ({
  file,
  bytes: files[file].length,
  sha256: createHash("sha256").update(files[file]).digest("hex"),
});
const [a, b] = [entry("family/a.safetensors"), entry("family/b.safetensors")];

let server: Awaited<ReturnType<typeof serveFiles>>;
beforeEach(async () => {
  server = await serveFiles(files);
});
afterEach(() => server.close());

/** A store on the test server; retries wait a millisecond. */
const store = (caches?: ReturnType<typeof memoryCaches>) =>
  createWeightStore({
    fetch: (url, init) => fetch(url, init),
    caches,
    manifestUrl: server.url,
    retryMs: [1, 1],
  });

/** Contents as hashes, which fail with a readable difference. */
function hashesOf(loaded: Awaited<ReturnType<ReturnType<typeof store>["load"]>>): string[] {
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.files.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
}

describe("what arrives", () => {
  test("is the files in the order asked for, also without a cache", async () => {
    expect(hashesOf(await store().load([b, a]))).toEqual([b.sha256, a.sha256]);
  });

  test("is reported byte by byte, rising to the total", async () => {
    const seen: Parameters<StoreProgress>[] = [];
    await store().load([a, b], { onProgress: (...progress) => seen.push(progress) });
    const loaded = seen.map(([bytes]) => bytes);
    expect(loaded).toEqual(loaded.toSorted((x, y) => x - y));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every(([, total, fromCache]) => total === 500_000 && !fromCache)).toBe(true);
    expect(loaded.at(-1)).toBe(500_000);
  });

  test("comes from the cache the second time, without a request", async () => {
    const caches = memoryCaches();
    await store(caches).load([a]);
    const seen: Parameters<StoreProgress>[] = [];
    expect(
      hashesOf(await store(caches).load([a], { onProgress: (...progress) => seen.push(progress) })),
    ).toEqual([a.sha256]);
    expect(server.requests).toHaveLength(1);
    expect(seen).toEqual([[300_000, 300_000, true]]);
  });

  test("is whole in two stores that load the same file at once, as two tabs do", async () => {
    const caches = memoryCaches();
    const both = await Promise.all([store(caches).load([a, b]), store(caches).load([a, b])]);
    for (const one of both) expect(hashesOf(one)).toEqual([a.sha256, b.sha256]);
    expect([...caches.entries.keys()].sort()).toEqual([cacheKey(a.sha256), cacheKey(b.sha256)].sort());
  });
});

describe("a file that is there is used while the next is on its way", () => {
  const watched = (one: ReturnType<typeof store>, order: FileEntry[], signal?: AbortSignal) => {
    const seen: string[] = [];
    const onFile = (bytes: Uint8Array) => seen.push(createHash("sha256").update(bytes).digest("hex"));
    return { seen, loading: one.load(order, { onFile, signal }) };
  };

  test("and files are seen in order, each once", async () => {
    const { seen, loading } = watched(store(), [b, a]);
    expect(hashesOf(await loading)).toEqual(seen);
    expect(seen).toEqual([b.sha256, a.sha256]);
  });

  test("also when the next never comes", async () => {
    server.faults.set(b.file, [stall]);
    const giveUp = new AbortController();
    const { seen, loading } = watched(store(), [a, b], giveUp.signal);
    await expect.poll(() => seen).toEqual([a.sha256]);
    expect(server.requests.map(({ path }) => path)).toEqual([a.file, b.file]);
    giveUp.abort();
    expect(await loading).toEqual({ ok: false, error: { kind: "Aborted" } });
  });

  test("and from the cache as well", async () => {
    const caches = memoryCaches();
    await store(caches).load([a, b]);
    const { seen, loading } = watched(store(caches), [a, b]);
    await loading;
    expect(seen).toEqual([a.sha256, b.sha256]);
  });

  test("and one that is not what it should be is never seen, nor any after it", async () => {
    const wrong = instead(content(300_000));
    server.faults.set(a.file, [wrong, wrong]);
    const { seen, loading } = watched(store(), [a, b]);
    expect(await loading).toMatchObject({ ok: false, error: { kind: "HashMismatch", file: a.file } });
    expect(seen).toEqual([]);
  });
});

describe("a cut connection", () => {
  test("is retried, and goes on where it was cut", async () => {
    server.faults.set(a.file, [cutAfter(100_000)]);
    expect(hashesOf(await store().load([a]))).toEqual([a.sha256]);
    expect(server.requests.map((r) => r.range)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
  });

  test("starts over when the server does not do ranges", async () => {
    server.faults.set(a.file, [cutAfter(100_000), instead(files["family/a.safetensors"])]);
    expect(hashesOf(await store().load([a]))).toEqual([a.sha256]);
  });

  test("that stays cut is DownloadFailed with the bytes that came, and the next load goes on from them", async () => {
    const one = store();
    server.faults.set(a.file, [cutAfter(100_000), cutAfter(0), cutAfter(0)]);
    const failed = await one.load([a]);
    expect(failed).toMatchObject({
      ok: false,
      error: { kind: "DownloadFailed", file: a.file, totalBytes: 300_000 },
    });
    expect(hashesOf(await one.load([a]))).toEqual([a.sha256]);
  });

  test("costs one shard: the whole ones are in the cache by then", async () => {
    const caches = memoryCaches();
    server.faults.set(b.file, [status(503), status(503), status(503)]);
    expect(await store(caches).load([a, b])).toMatchObject({
      ok: false,
      error: { kind: "DownloadFailed", file: b.file, httpStatus: 503 },
    });
    server.requests.length = 0;
    expect(hashesOf(await store(caches).load([a, b]))).toEqual([a.sha256, b.sha256]);
    expect(server.requests.map((r) => r.path)).toEqual([b.file]);
  });
});

describe("a refusal", () => {
  test("404 is DownloadFailed at once, without a retry", async () => {
    const missing = { ...a, file: "family/none.safetensors" };
    expect(await store().load([missing])).toMatchObject({
      ok: false,
      error: {
        kind: "DownloadFailed",
        file: missing.file,
        httpStatus: 404,
        loadedBytes: 0,
        totalBytes: 300_000,
      },
    });
    expect(server.requests).toHaveLength(1);
  });

  test("a server that cannot be reached is DownloadFailed without a status", async () => {
    await server.close();
    expect(await store().load([a])).toMatchObject({
      ok: false,
      error: { kind: "DownloadFailed", httpStatus: null },
    });
  });

  test("a page instead of the file is DownloadFailed, whichever of the two is longer", async () => {
    for (const length of [100, 400_000]) {
      server.faults.set(
        a.file,
        [1, 2, 3].map(() => instead(new Uint8Array(length))),
      );
      expect(await store().load([a])).toMatchObject({
        ok: false,
        error: { kind: "DownloadFailed", httpStatus: 200, detail: expect.stringContaining("bytes") },
      });
    }
  });
});

describe("the sha256", () => {
  const wrong = files["family/a.safetensors"].map((byte, i) => (i === 7 ? byte ^ 1 : byte));

  test("of one wrong bit is HashMismatch after one more try past the http cache, and nothing is cached", async () => {
    const caches = memoryCaches();
    server.faults.set(a.file, [instead(wrong), instead(wrong)]);
    expect(await store(caches).load([a])).toEqual({
      ok: false,
      error: {
        kind: "HashMismatch",
        file: a.file,
        expected: a.sha256,
        actual: createHash("sha256").update(wrong).digest("hex"),
      },
    });
    expect(server.requests).toHaveLength(2);
    expect(caches.entries.size).toBe(0);
  });

  test("that is right the second time is no error", async () => {
    server.faults.set(a.file, [instead(wrong)]);
    expect(hashesOf(await store().load([a]))).toEqual([a.sha256]);
  });

  test("is checked on every read: a corrupt cache entry is found, fetched again and replaced", async () => {
    for (const corrupt of [wrong, new Uint8Array(5)]) {
      const caches = memoryCaches();
      caches.entries.set(cacheKey(a.sha256), corrupt.slice());
      const loaded = await store(caches).load([a]);
      expect(hashesOf(loaded)).toEqual([a.sha256]);
      expect(loaded).toMatchObject({ value: { warnings: [{ kind: "CacheCorrupt", file: a.file }] } });
      expect(
        Buffer.compare(
          caches.entries.get(cacheKey(a.sha256)) ?? new Uint8Array(),
          files["family/a.safetensors"],
        ),
      ).toBe(0);
    }
  });
});

describe("a cache that fails is a warning, not an error", () => {
  test("full disk: the file that fits is kept, the other is used all the same", async () => {
    const caches = memoryCaches(350_000);
    const loaded = await store(caches).load([a, b]);
    expect(hashesOf(loaded)).toEqual([a.sha256, b.sha256]);
    expect(loaded).toMatchObject({ value: { warnings: [{ kind: "NotCached", file: b.file }] } });
    expect([...caches.entries.keys()]).toEqual([cacheKey(a.sha256)]);
  });

  test("no permission", async () => {
    const denied = {
      open: () => Promise.reject(new DOMException("The operation is insecure.", "SecurityError")),
    };
    const one = createWeightStore({
      fetch: (url, init) => fetch(url, init),
      caches: denied,
      manifestUrl: server.url,
    });
    const loaded = await one.load([a]);
    expect(hashesOf(loaded)).toEqual([a.sha256]);
    expect(loaded).toMatchObject({ value: { warnings: [{ kind: "CacheUnavailable" }] } });
  });
});

describe("cancelling", () => {
  test("before, during and between tries is Aborted, promptly", async () => {
    expect(await store().load([a], { signal: AbortSignal.abort() })).toEqual({
      ok: false,
      error: { kind: "Aborted" },
    });

    server.faults.set(a.file, [stall]);
    const stalled = new AbortController();
    const loading = store().load([a], { signal: stalled.signal, onProgress: () => stalled.abort() });
    expect(await loading).toEqual({ ok: false, error: { kind: "Aborted" } });

    server.faults.set(b.file, [status(503)]);
    const waiting = new AbortController();
    const slow = createWeightStore({
      fetch: (url, init) => fetch(url, init),
      caches: undefined,
      manifestUrl: server.url,
      retryMs: [60_000],
    });
    setTimeout(() => waiting.abort(), 50);
    const start = performance.now();
    expect(await slow.load([b], { signal: waiting.signal })).toEqual({
      ok: false,
      error: { kind: "Aborted" },
    });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test("keeps what has come: the next load of the store asks for the rest", async () => {
    const one = store();
    server.faults.set(a.file, [stall]);
    const controller = new AbortController();
    await one.load([a], { signal: controller.signal, onProgress: () => controller.abort() });
    expect(hashesOf(await one.load([a]))).toEqual([a.sha256]);
    expect(server.requests.at(-1)?.range).toBe("bytes=10-");
  });
});
