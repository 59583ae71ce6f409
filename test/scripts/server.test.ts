import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, listenLocally, parseRange, serveFolder } from "../../scripts/serve/server.mjs";

const BYTES = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);

describe("the local server", () => {
  let folder = "";
  let base = "";
  let port = 0;
  let close = async (): Promise<void> => {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steadyflow-server-"));
    await mkdir(join(folder, "dist/assets"), { recursive: true });
    await writeFile(join(folder, "secret.txt"), "outside");
    await writeFile(join(folder, "dist/index.html"), "<!doctype html>");
    await writeFile(join(folder, "dist/.build-stamp"), "inside, but not for everyone");
    await writeFile(join(folder, "dist/empty.json"), "");
    await writeFile(join(folder, "dist/weights.safetensors"), BYTES);
    await writeFile(join(folder, "dist/assets/engine-abc.wasm"), BYTES);
    const server = await listenLocally(serveFolder({ root: join(folder, "dist") }), 0);
    port = server.port;
    close = server.close;
    base = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });

  test("isolates every answer, the 404 too", async () => {
    for (const path of ["/", "/missing"]) {
      const { headers } = await fetch(base + path);
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    }
  });

  test.each([
    ["/", 200, "text/html; charset=utf-8"],
    ["/index.html?x=1", 200, "text/html; charset=utf-8"],
    ["/assets/engine-abc.wasm", 200, "application/wasm"],
    ["/weights.safetensors", 200, "application/octet-stream"],
    ["/empty.json", 200, "application/json; charset=utf-8"],
    ["/missing", 404, "text/plain; charset=utf-8"],
    ["/assets", 404, "text/plain; charset=utf-8"],
    ["/%", 404, "text/plain; charset=utf-8"],
    ["/%00", 404, "text/plain; charset=utf-8"],
    ["/.build-stamp", 404, "text/plain; charset=utf-8"],
  ])("answers %s with %i %s", async (path, status, type) => {
    const response = await fetch(base + path);
    expect([response.status, response.headers.get("content-type")]).toEqual([status, type]);
  });

  test("sends what shrinks compressed to whoever takes it, and nothing else", async () => {
    const raw = (path: string, headers: Record<string, string>) =>
      new Promise<{ headers: IncomingHttpHeaders; status?: number; body: Buffer }>((resolve, reject) => {
        request({ port, path, headers }, (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("end", () =>
            resolve({ headers: response.headers, status: response.statusCode, body: Buffer.concat(parts) }),
          );
        })
          .on("error", reject)
          .end();
      });
    const path = "/assets/engine-abc.wasm";
    const squeezed = await raw(path, { "accept-encoding": "br, gzip" });
    expect(squeezed.headers["content-encoding"]).toBe("gzip");
    expect(squeezed.headers.vary).toBe("Accept-Encoding");
    expect(Number(squeezed.headers["content-length"])).toBe(squeezed.body.length);
    expect(squeezed.body.length).toBeLessThan(BYTES.length);
    expect(new Uint8Array(gunzipSync(squeezed.body))).toEqual(BYTES);
    const again = await raw(path, {
      "accept-encoding": "gzip",
      "if-none-match": squeezed.headers.etag ?? "",
    });
    expect(again.status).toBe(304);
    // Another content has another tag: a cache must not take one for the other.
    const plain = await raw(path, { "accept-encoding": "gzip;q=0, identity" });
    expect([plain.headers["content-encoding"], new Uint8Array(plain.body)]).toEqual([undefined, BYTES]);
    expect(plain.headers.etag).not.toBe(squeezed.headers.etag);
    const part = await raw(path, { "accept-encoding": "gzip", range: "bytes=10-19" });
    expect([part.status, new Uint8Array(part.body)]).toEqual([206, BYTES.slice(10, 20)]);
    const weights = await raw("/weights.safetensors", { "accept-encoding": "gzip" });
    expect([weights.headers["content-encoding"], weights.body.length]).toEqual([undefined, BYTES.length]);
  });

  test.each(["/../secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt"])(
    "does not leave its folder for %s",
    async (path) => {
      expect(await rawGet(port, path)).toEqual({ status: 404, body: "not found\n" });
    },
  );

  test("answers a range with 206 and just those bytes", async () => {
    const response = await fetch(`${base}/weights.safetensors`, { headers: { range: "bytes=100-199" } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe("bytes 100-199/1000");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(BYTES.slice(100, 200));
  });

  test("answers a range past the end with 416 and the size", async () => {
    const response = await fetch(`${base}/weights.safetensors`, { headers: { range: "bytes=1000-" } });
    expect([response.status, response.headers.get("content-range")]).toEqual([416, "bytes */1000"]);
  });

  test("sends the whole file when the part was taken from another version", async () => {
    const headers = { range: "bytes=100-199", "if-range": '"another"' };
    const response = await fetch(`${base}/weights.safetensors`, { headers });
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 1000]);
  });

  test("lets hashed files be kept and others be asked for again, at the price of a 304", async () => {
    const hashed = await fetch(`${base}/assets/engine-abc.wasm`);
    expect(hashed.headers.get("cache-control")).toContain("immutable");
    const plain = await fetch(`${base}/weights.safetensors`);
    expect(plain.headers.get("cache-control")).toBe("no-cache");
    const etag = plain.headers.get("etag") ?? "";
    const again = await fetch(`${base}/weights.safetensors`, { headers: { "if-none-match": etag } });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
  });

  test("refuses other methods and sends no body to HEAD", async () => {
    expect((await fetch(base, { method: "POST" })).status).toBe(405);
    const head = await fetch(`${base}/weights.safetensors`, { method: "HEAD" });
    expect([head.headers.get("content-length"), (await head.arrayBuffer()).byteLength]).toEqual(["1000", 0]);
  });

  test("says which port is taken", async () => {
    const taken = await listenLocally(() => {}, port).catch(codeOf);
    expect(taken).toBe("EADDRINUSE");
  });
});

test.each([
  [undefined, null],
  ["bytes=0-0", { start: 0, end: 0 }],
  ["bytes=5-", { start: 5, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-30", { start: 0, end: 9 }],
  ["bytes=2-99", { start: 2, end: 9 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=4-2", "unsatisfiable"],
  ["bytes=-", null],
  ["bytes=0-1,4-5", null], // several ranges: the whole file is a correct answer
  ["lines=1-2", null],
] as const)("Range %s of 10 bytes is read as %o", (header, want) => {
  expect(parseRange(header, 10)).toEqual(want);
});

/** GET with the path sent as it is; fetch would tidy it up first. */
function rawGet(port: number, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    asked.on("error", reject).end();
  });
}
