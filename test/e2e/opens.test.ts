import { createServer } from "node:http";
import { expect, inject, onTestFinished, test } from "vitest";
import { serveFolder } from "../../scripts/serve/server.mjs";
import { visit } from "./visit.ts";

/** Engine states in which the page can be used, at once or after a first download. */
const SETTLED = /^(ready|busy|loading)$/;

test("the built page opens without a complaint, cross-origin isolated, and its engine comes up", async () => {
  const { page, complaints } = await visit(inject("baseUrl"));
  await expect
    .poll(() => page.locator("main").getAttribute("data-engine-state"), { timeout: 60_000 })
    .toMatch(SETTLED);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(complaints).toEqual([]);
});

test("the built page also works from a sub-path of a host that sets no headers", async () => {
  const base = await servePlainly(inject("dist"), "/some/place/");
  const { page, complaints } = await visit(base);
  await expect
    .poll(() => page.locator("main").getAttribute("data-engine-state"), { timeout: 60_000 })
    .toMatch(SETTLED);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  expect(complaints).toEqual([]);
});

/** Serves `root` under `prefix` without any isolation header, like a plain static host. */
async function servePlainly(root: string, prefix: string): Promise<string> {
  const files = serveFolder({ root, headers: {} });
  const server = createServer((request, response) => {
    if (!request.url?.startsWith(prefix)) return void response.writeHead(404).end();
    request.url = request.url.slice(prefix.length - 1);
    files(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}${prefix}`;
}
