import { fail, ok, type Result } from "#bytes/result.ts";
import type { FileEntry } from "./manifest.ts";

/** Why a file did not arrive. `loadedBytes` are kept: another try goes on from there. */
export type DownloadError =
  | {
      readonly kind: "DownloadFailed";
      readonly file: string;
      /** null when no answer came at all. */
      readonly httpStatus: number | null;
      readonly loadedBytes: number;
      readonly totalBytes: number;
      readonly detail: string;
    }
  | { readonly kind: "Aborted" };

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What has arrived of a file so far; `bytes` has the full size from the start. */
export interface PartialFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  loaded: number;
}

export interface DownloadOptions {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  /** Called after every piece with the bytes of this file that are there; falls back when a resume was refused. */
  readonly onProgress: (loadedBytes: number) => void;
  /** Waits before try 2, 3, …, in milliseconds; as many further tries as there are entries. */
  readonly retryMs: readonly number[];
  /** Leave the browser's own http cache out. */
  readonly reload: boolean;
}

/** Answers that are worth another try: timeouts, too many requests, and the server's own errors. */
const passing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** Fetches one file into `partial`, going on by an HTTP range where an earlier try was cut. Never throws.
 *  Cancels within one network read. */
export async function download(
  url: string,
  entry: FileEntry,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<Result<Uint8Array<ArrayBuffer>, DownloadError>> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await fetchOnce(url, partial, options);
    if (options.signal.aborted) return fail({ kind: "Aborted" });
    if (outcome === "complete") return ok(partial.bytes);
    if (!outcome.retry || attempt === options.retryMs.length) {
      const { status: httpStatus, detail } = outcome;
      return fail({
        kind: "DownloadFailed",
        file: entry.file,
        httpStatus,
        loadedBytes: partial.loaded,
        totalBytes: entry.bytes,
        detail,
      });
    }
    await pause(options.retryMs[attempt], options.signal);
  }
}

interface Failure {
  readonly status: number | null;
  readonly detail: string;
  readonly retry: boolean;
}

async function fetchOnce(
  url: string,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<"complete" | Failure> {
  let status: number | null = null;
  try {
    const headers: Record<string, string> = partial.loaded > 0 ? { Range: `bytes=${partial.loaded}-` } : {};
    const response = await options.fetch(url, {
      headers,
      signal: options.signal,
      cache: options.reload ? "reload" : "default",
    });
    status = response.status;
    if (!continues(response, partial.loaded)) partial.loaded = 0;
    if (status === 416) return { status, detail: "the server refused to go on", retry: true };
    if (!response.ok || !response.body)
      return { status, detail: response.statusText || `HTTP ${status}`, retry: passing(status) };
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (value.length > partial.bytes.length - partial.loaded) {
        await reader.cancel();
        partial.loaded = 0;
        return {
          status,
          detail: `more than the ${partial.bytes.length} bytes that the manifest gives`,
          retry: false,
        };
      }
      partial.bytes.set(value, partial.loaded);
      partial.loaded += value.length;
      options.onProgress(partial.loaded);
    }
  } catch (error) {
    return { status, detail: error instanceof Error ? error.message : String(error), retry: true };
  }
  if (partial.loaded === partial.bytes.length) return "complete";
  return {
    status,
    detail: `the connection ended after ${partial.loaded} of ${partial.bytes.length} bytes`,
    retry: true,
  };
}

/** True when the answer goes on exactly where we stopped. A compressed answer counts other bytes than ours. */
function continues(response: Response, loaded: number): boolean {
  const encoding = response.headers.get("content-encoding") ?? "identity";
  return (
    response.status === 206 &&
    encoding === "identity" &&
    (response.headers.get("content-range") ?? "").startsWith(`bytes ${loaded}-`)
  );
}

/** Ends early when the signal fires. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
