import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How the server treats one request of a path; without an entry it serves the file, ranges included. */
export type Fault = (request: IncomingMessage, response: ServerResponse, content: Buffer) => void;

/** Cuts the connection after `bytes` bytes of the body. */
export const cutAfter =
  (bytes: number): Fault =>
  (_, response, content) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, bytes), () => response.destroy());
  };

export const status =
  (code: number): Fault =>
  (_, response) =>
    void response.writeHead(code).end("no");

/** Answers with other content than the file's. */
export const instead =
  (bytes: Uint8Array): Fault =>
  (_, response) =>
    void response.writeHead(200).end(bytes);

/** Starts to answer and then never goes on. */
export const stall: Fault = (_, response, content) => {
  response.writeHead(200, { "content-length": content.length });
  response.write(content.subarray(0, 10));
};

/** A real http server for a map of files. `faults` are used up one a request of their path, in order. */
export async function serveFiles(files: Readonly<Record<string, Uint8Array>>) {
  const faults = new Map<string, Fault[]>();
  const requests: { path: string; range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").slice(1);
    const range = request.headers.range;
    requests.push({ path, range });
    const content = Buffer.from(files[path] ?? []);
    const fault = faults.get(path)?.shift();
    if (fault) return fault(request, response, content);
    if (!(path in files)) return status(404)(request, response, content);
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    if (start > 0) {
      const headers = { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` };
      return void response.writeHead(206, headers).end(content.subarray(start));
    }
    response.writeHead(200, { "content-length": content.length }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${address.port}/manifest.json`, faults, requests, close };
}
