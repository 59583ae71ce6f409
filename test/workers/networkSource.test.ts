import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileEntry } from "#checkpoints/manifest.ts";
import { EngineFailure } from "#workers/errors.ts";
import { networkFiles, networkManifest } from "#workers/networkSource.ts";
import type { EngineError, EngineWarning } from "#workers/protocol.ts";
import { sha256, tinyFamily } from "../fixtures/tinyFamily.ts";

let server: Server;
let base: string;
let entries: FileEntry[];
let files: Map<string, Uint8Array>;
let manifestText: string;

beforeAll(async () => {
  const tiny = await tinyFamily();
  files = tiny.files;
  manifestText = JSON.stringify(tiny.manifest);
  entries = [...tiny.manifest.families[0].autoencoder.decoder.files];
  server = createServer((request, response) => {
    const path = (request.url ?? "/").slice(1);
    const file = files.get(path);
    if (path === "manifest.json") response.end(manifestText);
    else if (path === "page.json") response.end("<html>not found</html>");
    else if (path === "other.json") response.end('{"format":1,"families":[]}');
    else if (file) response.end(file);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  base = `http://127.0.0.1:${address.port}/`;
});
afterAll(() => server.close());

const network = {
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  caches: undefined,
  retryMs: [],
};
async function errorOf(promise: Promise<unknown>): Promise<EngineError> {
  const cause = await promise.then(() => null).catch((error: unknown) => error);
  if (!(cause instanceof EngineFailure)) throw new Error(`not an EngineFailure: ${String(cause)}`);
  return cause.error;
}
const fetchAll = (warn: (warning: EngineWarning) => void, caches?: Pick<CacheStorage, "open">) =>
  networkFiles({ ...network, caches }, warn)(`${base}manifest.json`);

describe("the manifest", () => {
  test("is fetched and checked", async () => {
    expect((await networkManifest(network, `${base}manifest.json`)).families[0].name).toBe("tiny");
  });

  test("that is not there, cannot be reached, is a web page or breaks the schema is refused by name", async () => {
    expect(await errorOf(networkManifest(network, `${base}nowhere.json`))).toMatchObject({
      kind: "ManifestUnreachable",
      detail: expect.stringContaining("404"),
    });
    expect(await errorOf(networkManifest(network, "http://127.0.0.1:1/manifest.json"))).toMatchObject({
      kind: "ManifestUnreachable",
    });
    expect(await errorOf(networkManifest(network, `${base}page.json`))).toMatchObject({
      kind: "ManifestInvalid",
      detail: "It is not JSON.",
    });
    expect(await errorOf(networkManifest(network, `${base}other.json`))).toMatchObject({
      kind: "ManifestInvalid",
      detail: expect.stringContaining("families"),
    });
  });
});

describe("weights", () => {
  test("arrive with progress up to their size and the manifest's sha256", async () => {
    const progress: number[] = [];
    const [bytes] = await fetchAll(() => {})(
      entries,
      (loaded) => progress.push(loaded),
      new AbortController().signal,
    );
    expect(await sha256(bytes)).toBe(entries[0].sha256);
    expect(progress.at(-1)).toBe(entries[0].bytes);
  });

  test("that are missing or not the promised ones are refused by name", async () => {
    const missing = { ...entries[0], file: "tiny/gone.safetensors" };
    const swapped = { ...entries[0], sha256: "0".repeat(64) };
    const get = fetchAll(() => {});
    const { signal } = new AbortController();
    expect(await errorOf(get([missing], () => {}, signal))).toMatchObject({
      kind: "DownloadFailed",
      file: "tiny/gone.safetensors",
      httpStatus: 404,
    });
    expect(await errorOf(get([swapped], () => {}, signal))).toMatchObject({
      kind: "HashMismatch",
      expected: "0".repeat(64),
      actual: entries[0].sha256,
    });
  });

  test("are used when the disk is full, with a warning that says so", async () => {
    const full = new DOMException("The quota has been exceeded.", "QuotaExceededError");
    const cache: Cache = {
      match: async () => undefined,
      matchAll: async () => [],
      keys: async () => [],
      add: () => Promise.reject(full),
      addAll: () => Promise.reject(full),
      put: () => Promise.reject(full),
      delete: async () => false,
    };
    const caches = { open: async () => cache };
    const warnings: EngineWarning[] = [];
    const [bytes] = await fetchAll((warning) => warnings.push(warning), caches)(
      entries,
      () => {},
      new AbortController().signal,
    );
    expect(bytes.length).toBe(entries[0].bytes);
    expect(warnings).toEqual([
      { kind: "NotCached", file: entries[0].file, detail: "The quota has been exceeded." },
    ]);
  });
});
