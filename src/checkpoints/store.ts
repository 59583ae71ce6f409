import { fail, ok, type Result } from "#bytes/result.ts";
import { sha256Hex } from "#bytes/sha256.ts";
import { type DownloadError, download, type Fetch, type PartialFile } from "./download.ts";
import type { FileEntry } from "./manifest.ts";
import { CACHE_NAME, cacheKey } from "./weightCache.ts";

/** The same names and fields as the engine's errors; `Aborted` is the caller's own doing. */
export type StoreError =
  | DownloadError
  | {
      readonly kind: "HashMismatch";
      readonly file: string;
      readonly expected: string;
      readonly actual: string;
    };

/** What went wrong on the side while the files themselves arrived whole. */
export type StoreWarning =
  /** No cache at all: private window, plain http, storage switched off. */
  | { readonly kind: "CacheUnavailable"; readonly detail: string }
  /** Usually a full disk. The file is used, and fetched again next time. */
  | { readonly kind: "NotCached"; readonly file: string; readonly detail: string }
  /** A cached file no longer had its sha256 and was fetched again. */
  | { readonly kind: "CacheCorrupt"; readonly file: string };

export interface LoadedFiles {
  /** Content of the files in the order that was asked for, each with the sha256 of its entry. */
  readonly files: readonly Uint8Array<ArrayBuffer>[];
  readonly warnings: readonly StoreWarning[];
}

/** Bytes over all files of one `load`; `fromCache` as long as nothing came over the network. */
export type StoreProgress = (loadedBytes: number, totalBytes: number, fromCache: boolean) => void;

export interface WeightStore {
  /** Gets files from the cache or the network, in order. A file is cached as soon as it is whole, so a `load` that
   *  was cut begins after the last whole file, and within one store even in the middle of a file.
   *  Never throws. Cancels within one network read. */
  load(
    files: readonly FileEntry[],
    options?: { onProgress?: StoreProgress; signal?: AbortSignal },
  ): Promise<Result<LoadedFiles, StoreError>>;
}

export interface StoreParts {
  readonly fetch: Fetch;
  /** `globalThis.caches`; undefined where there is none, and then nothing is kept. */
  readonly caches: Pick<CacheStorage, "open"> | undefined;
  /** Address of the manifest, which file names are relative to. */
  readonly manifestUrl: string;
  /** Waits between tries of one file, in milliseconds. */
  readonly retryMs?: readonly number[];
}

/** A store of weight files. It holds no lock: entries are named by their content, so two tabs at work on one file
 *  cost a second download and nothing else. */
export function createWeightStore({
  fetch,
  caches,
  manifestUrl,
  retryMs = [500, 2000],
}: StoreParts): WeightStore {
  const partials = new Map<string, PartialFile>();

  async function load(
    files: readonly FileEntry[],
    {
      onProgress = () => {},
      signal = new AbortController().signal,
    }: { onProgress?: StoreProgress; signal?: AbortSignal } = {},
  ): Promise<Result<LoadedFiles, StoreError>> {
    const warnings: StoreWarning[] = [];
    const cache = await openCache(caches, warnings);
    const totalBytes = files.reduce((sum, entry) => sum + entry.bytes, 0);
    const loaded: Uint8Array<ArrayBuffer>[] = [];
    let before = 0;
    let fromCache = true;
    for (const entry of files) {
      if (signal.aborted) return fail({ kind: "Aborted" });
      let bytes = await readCached(cache, entry, warnings);
      if (!bytes) {
        fromCache = false;
        const fetched = await fetchChecked(entry, signal, (fileBytes) =>
          onProgress(before + fileBytes, totalBytes, false),
        );
        if (!fetched.ok) return fetched;
        bytes = fetched.value;
        await writeCached(cache, entry, bytes, warnings);
      }
      before += entry.bytes;
      onProgress(before, totalBytes, fromCache);
      loaded.push(bytes);
    }
    return ok({ files: loaded, warnings });
  }

  /** A file from the network with its sha256 checked. A wrong hash is tried once more past the http cache, which may
   *  hold the file of an earlier release. */
  async function fetchChecked(
    entry: FileEntry,
    signal: AbortSignal,
    onProgress: (fileBytes: number) => void,
  ): Promise<Result<Uint8Array<ArrayBuffer>, StoreError>> {
    const url = new URL(entry.file, manifestUrl).href;
    let actual = "";
    for (const reload of [false, true]) {
      const partial = partials.get(entry.sha256) ?? { bytes: new Uint8Array(entry.bytes), loaded: 0 };
      partials.set(entry.sha256, partial);
      const fetched = await download(url, entry, partial, { fetch, signal, onProgress, retryMs, reload });
      if (!fetched.ok) return fetched;
      partials.delete(entry.sha256);
      actual = await sha256Hex(fetched.value);
      if (actual === entry.sha256) return fetched;
    }
    return fail({ kind: "HashMismatch", file: entry.file, expected: entry.sha256, actual });
  }

  return { load };
}

const detailOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);

async function openCache(caches: StoreParts["caches"], warnings: StoreWarning[]): Promise<Cache | null> {
  if (!caches) return null;
  try {
    return await caches.open(CACHE_NAME);
  } catch (error) {
    warnings.push({ kind: "CacheUnavailable", detail: detailOf(error) });
    return null;
  }
}

/** The cached bytes, hashed again on every read, or null; a corrupt entry is removed. */
async function readCached(
  cache: Cache | null,
  entry: FileEntry,
  warnings: StoreWarning[],
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!cache) return null;
  try {
    const response = await cache.match(cacheKey(entry.sha256));
    if (!response) return null;
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length === entry.bytes && (await sha256Hex(bytes)) === entry.sha256) return bytes;
    warnings.push({ kind: "CacheCorrupt", file: entry.file });
    await cache.delete(cacheKey(entry.sha256));
  } catch (error) {
    warnings.push({ kind: "CacheUnavailable", detail: detailOf(error) });
  }
  return null;
}

/** A cache that cannot take the file is no reason to fail: the bytes are here and checked. */
async function writeCached(
  cache: Cache | null,
  entry: FileEntry,
  bytes: Uint8Array<ArrayBuffer>,
  warnings: StoreWarning[],
): Promise<void> {
  try {
    await cache?.put(
      cacheKey(entry.sha256),
      new Response(bytes, { headers: { "content-type": "application/octet-stream" } }),
    );
  } catch (error) {
    warnings.push({ kind: "NotCached", file: entry.file, detail: detailOf(error) });
  }
}
