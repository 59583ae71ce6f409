// @ts-check
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { compressed, takesGzip } from "./compressed.mjs";
import { ISOLATION_HEADERS } from "./headers.mjs";

/** @typedef {import("node:http").IncomingMessage} Request
 *  @typedef {import("node:http").ServerResponse} Response */

/** @type {Readonly<Record<string, string>>} */
const CONTENT_TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm", // anything else and the browser refuses to compile while it streams
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".safetensors": "application/octet-stream",
};

/** A server of one folder: isolation headers, right content types, byte ranges, gzip for what shrinks, and revalidation by ETag. Files
 *  whose name carries a hash (assets/) may be kept for a year. Names that begin with a dot are not served.
 *  `headers` replaces the isolation headers; `intercept` sees each request first and may answer it itself (tests cut
 *  connections with it): true means done.
 *  @param {{ root: string, headers?: Readonly<Record<string, string>>, intercept?: (request: Request, response: Response) => boolean }} options
 *  @returns {import("node:http").RequestListener} */
export function serveFolder({ root, headers = ISOLATION_HEADERS, intercept }) {
  return (request, response) => {
    if (intercept?.(request, response)) return;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD")
      return refuse(response, 405, "only GET and HEAD");
    const file = fileFor(root, request.url ?? "/");
    if (file === null) return refuse(response, 404, "not found");
    sendFile(request, response, file);
  };
}

/** Listens on this machine only: on 127.0.0.1, and on ::1 where there is one, so that `localhost` means us and nobody
 *  else. `port` 0 takes any free port. Rejects with the code EADDRINUSE when the port is taken.
 *  @param {import("node:http").RequestListener} listener
 *  @param {number} port
 *  @returns {Promise<{ port: number, close(): Promise<void> }>} */
export async function listenLocally(listener, port) {
  const ipv4 = createServer(listener);
  const chosen = await listen(ipv4, port, "127.0.0.1");
  const servers = [ipv4];
  try {
    const ipv6 = createServer(listener);
    await listen(ipv6, chosen, "::1");
    servers.push(ipv6);
  } catch (error) {
    if (codeOf(error) === "EADDRINUSE" && port !== 0) {
      ipv4.close();
      throw error;
    } // else: no IPv6 here
  }
  return {
    port: chosen,
    async close() {
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections();
          return new Promise((done) => server.close(done));
        }),
      );
    },
  };
}

/** The `code` of a Node error, or undefined.
 *  @param {unknown} error
 *  @returns {unknown} */
export const codeOf = (error) => (error instanceof Error && "code" in error ? error.code : undefined);

/** Bytes that a Range header asks for of a file of `size` bytes: both ends included; null when the header has no
 *  meaning here (then the whole file is the answer), "unsatisfiable" when it lies past the end. One range only.
 *  @param {string | undefined} header
 *  @param {number} size
 *  @returns {{ start: number, end: number } | "unsatisfiable" | null} */
export function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return null;
  const [, from = "", to = ""] = match;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? "unsatisfiable" : { start, end };
}

/** @param {string} root
 *  @param {string} url
 *  @returns {string | null} */
function fileFor(root, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return null;
  }
  if (path.endsWith("/")) path += "index.html";
  const inside = normalize(path);
  if (path.includes("\0") || inside.split(sep).some((part) => part.startsWith("."))) return null;
  const file = join(root, inside);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

/** @param {Request} request
 *  @param {Response} response
 *  @param {string} file */
function sendFile(request, response, file) {
  const { size, mtimeMs } = statSync(file);
  const content = `${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}`;
  const gzip =
    request.headers.range === undefined && takesGzip(request.headers["accept-encoding"])
      ? compressed(file, content)
      : null;
  const etag = gzip ? `"${content}-gzip"` : `"${content}"`;
  response.setHeader("Content-Type", CONTENT_TYPES[extname(file)] ?? "application/octet-stream");
  response.setHeader("Accept-Ranges", "bytes");
  response.setHeader("ETag", etag);
  response.setHeader("Vary", "Accept-Encoding");
  const hashed = file.includes(`${sep}assets${sep}`);
  response.setHeader("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();

  if (gzip) {
    response.setHeader("Content-Encoding", "gzip");
    response.setHeader("Content-Length", gzip.length);
    response.writeHead(200);
    return void response.end(request.method === "HEAD" ? undefined : gzip);
  }
  const fresh = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
  const range = fresh ? parseRange(request.headers.range, size) : null;
  if (range === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${size}`);
    return refuse(response, 416, "range not satisfiable");
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (range !== null) response.setHeader("Content-Range", `bytes ${start}-${end}/${size}`);
  response.setHeader("Content-Length", end - start + 1);
  response.writeHead(range === null ? 200 : 206);
  if (request.method === "HEAD" || size === 0) return void response.end();
  const bytes = createReadStream(file, { start, end });
  bytes.on("error", () => response.destroy()); // the headers are out: a cut connection is all that is left to say
  response.on("close", () => bytes.destroy());
  bytes.pipe(response);
}

/** @param {Response} response
 *  @param {number} status
 *  @param {string} text */
function refuse(response, status, text) {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.setHeader("Cache-Control", "no-cache");
  response.removeHeader("Content-Length");
  response.writeHead(status).end(`${text}\n`);
}

/** @param {import("node:http").Server} server
 *  @param {number} port
 *  @param {string} host
 *  @returns {Promise<number>} */
function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
