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

export interface LoadOptions {
  readonly onProgress?: StoreProgress;
  readonly signal?: AbortSignal;
  /** Sees each file as soon as its hash has been checked, in order, while the next is on its way. */
  readonly onFile?: (bytes: Uint8Array<ArrayBuffer>) => void;
}

export interface WeightStore {
  /** Gets files from the cache or the network, in order. A file is cached as soon as it is whole, so a `load` that
   *  was cut begins after the last whole file, and within one store even in the middle of a file.
   *  Throws only what `onFile` throws. Cancels within one network read. */
  load(files: readonly FileEntry[], options?: LoadOptions): Promise<Result<LoadedFiles, StoreError>>;
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
    { onProgress = () => {}, signal, onFile }: LoadOptions = {},
  ): Promise<Result<LoadedFiles, StoreError>> {
    const warnings: StoreWarning[] = [];
    const cache = await openCache(caches, warnings);
    const totalBytes = files.reduce((sum, entry) => sum + entry.bytes, 0);
    const arrived = files.map(() => 0);
    let fromCache = true;
    const told = (i: number, fileBytes: number) => {
      arrived[i] = fileBytes;
      onProgress(
        arrived.reduce((sum, bytes) => sum + bytes, 0),
        totalBytes,
        fromCache,
      );
    };
    // What fails ends the rest of them, of which nobody will hear.
    const ended = new AbortController();
    const until = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;

    /** One file; `whole` is called when its last byte is there. */
    const get = async (
      i: number,
      whole: () => void,
    ): Promise<Result<Uint8Array<ArrayBuffer>, StoreError>> => {
      const entry = files[i];
      if (until.aborted) return fail({ kind: "Aborted" });
      const cached = await readCached(cache, entry, warnings);
      if (cached) {
        told(i, entry.bytes);
        whole();
        return ok(cached);
      }
      fromCache = false;
      const fetched = await fetchChecked(entry, until, (fileBytes) => {
        told(i, fileBytes);
        if (fileBytes === entry.bytes) whole();
      });
      if (fetched.ok) await writeCached(cache, entry, fetched.value, warnings);
      return fetched;
    };

    /** Begins with a file when the one before it has come, while that is checked, kept and used. */
    const begun: Promise<Result<Uint8Array<ArrayBuffer>, StoreError>>[] = [];
    const begin = (i: number): void => {
      if (i < files.length && begun.length === i) begun.push(get(i, () => begin(i + 1)));
    };
    try {
      const loaded: Uint8Array<ArrayBuffer>[] = [];
      for (let i = 0; i < files.length; i++) {
        begin(i);
        const file = await begun[i];
        if (!file.ok) return file;
        loaded.push(file.value);
        onFile?.(file.value);
      }
      return ok({ files: loaded, warnings });
    } finally {
      ended.abort();
    }
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
