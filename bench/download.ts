import { stat } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page, type Request } from "playwright";
import { listenLocally, serveFolder } from "../scripts/serve/server.mjs";
import { DIST, ensureBuild } from "../scripts/setup/build.mjs";
import { CHROMIUM_FLAGS, ensureChromium } from "../scripts/setup/chromium.mjs";
import { firstImage } from "./firstImage.ts";

/** Bytes that a first visit transfers until its first image, from a server that compresses all but weights, which do not
 *  shrink: bodies, without headers. */
export interface Download {
  readonly code: number;
  /** Modules of WebAssembly. */
  readonly wasm: number;
  readonly weights: number;
  readonly other: number;
  /** All of it where the server compresses nothing. */
  readonly uncompressed: number;
  /** Of files that had been asked for and were not there yet, all of their bytes; in none of the other figures. */
  readonly underWay: number;
}

/** Opens the production build in a fresh Chromium profile and weighs what has arrived when the first picture is there. Null
 *  where there is no Chromium. */
export async function measureDownload(log: (line: string) => void): Promise<Download | null> {
  const browserPath = await ensureChromium();
  if ("missing" in browserPath) {
    log(`the download is left out: ${browserPath.missing}`);
    return null;
  }
  await ensureBuild();
  const server = await listenLocally(serveFolder({ root: DIST }), 0);
  const browser = await chromium.launch({ executablePath: browserPath.path, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    const transfers = watchTransfers(page);
    const shownMs = await firstImage(page, `http://127.0.0.1:${server.port}/`);
    const shown = (await page.evaluate<number>("performance.timeOrigin")) + shownMs;
    const download = await weigh(await transfers(shown));
    log(
      `before the first image: ${Object.entries(download)
        .map(([kind, bytes]) => `${kind} ${(bytes / 1e6).toFixed(2)} MB`)
        .join(", ")}`,
    );
    return download;
  } finally {
    await browser.close();
    await server.close();
  }
}

interface Transfer {
  readonly path: string;
  readonly bytes: number;
  /** Whether its last byte was there. */
  readonly whole: boolean;
}

/** Watches what a page and its workers fetch from now on. Returns what had been asked for at a moment, in milliseconds since
 *  1970. */
function watchTransfers(page: Page): (moment: number) => Promise<readonly Transfer[]> {
  const requests: Request[] = [];
  const finished = new Set<Request>();
  page.on("request", (request) => requests.push(request));
  page.on("requestfinished", (request) => finished.add(request));
  return async (moment) => {
    const transfers: Transfer[] = [];
    for (const request of requests) {
      const { protocol, pathname } = new URL(request.url());
      const { startTime, responseEnd } = request.timing();
      if (protocol !== "http:" || startTime > moment) continue;
      const done = finished.has(request);
      const transferred = done ? (await request.sizes()).responseBodySize : 0;
      const announced = await (await request.response())?.headerValue("content-length");
      transfers.push({
        path: pathname,
        bytes: transferred > 0 ? transferred : Number(announced), // of a worker's first script Chromium tells no size
        whole: done && startTime + responseEnd <= moment,
      });
    }
    return transfers;
  };
}

async function weigh(transfers: readonly Transfer[]): Promise<Download> {
  const sum = { code: 0, wasm: 0, weights: 0, other: 0, uncompressed: 0, underWay: 0 };
  for (const { path, bytes, whole } of transfers) {
    const kind = kindOf(path);
    sum[whole ? kind : "underWay"] += bytes;
    if (!whole) continue;
    sum.uncompressed += (await stat(join(DIST, path.endsWith("/") ? `${path}index.html` : path))).size;
  }
  return sum;
}

function kindOf(path: string): "code" | "wasm" | "weights" | "other" {
  if (/(\/|\.html|\.m?js|\.css)$/.test(path)) return "code";
  if (path.endsWith(".wasm")) return "wasm";
  return path.endsWith(".safetensors") ? "weights" : "other";
}
