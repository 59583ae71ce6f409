import { chromium } from "playwright";
import { listenLocally, serveFolder } from "../scripts/serve/server.mjs";
import { DIST, ensureBuild } from "../scripts/setup/build.mjs";
import { CHROMIUM_FLAGS, ensureChromium } from "../scripts/setup/chromium.mjs";
import { firstImage, PATIENCE_MS } from "./firstImage.ts";

export interface PageReport {
  readonly images: number;
  readonly ms: number;
  /** Tasks of the page's main thread that took over 50 ms while it generated, as PerformanceObserver sees them. */
  readonly longTasks: { readonly count: number; readonly longestMs: number };
  /** From navigation to the first finished image: nothing cached, and with the weights and code of the visit before. */
  readonly firstImageMs: { readonly cold: number; readonly warm: number };
}

const IMAGES = 4;

/** Opens the production build in a fresh Chromium profile, waits for the first picture, generates four more and
 *  counts the main thread's long tasks meanwhile. Null where there is no Chromium. */
export async function watchMainThread(log: (line: string) => void): Promise<PageReport | null> {
  const browserPath = await ensureChromium();
  if ("missing" in browserPath) {
    log(`the page is left out: ${browserPath.missing}`);
    return null;
  }
  await ensureBuild();
  const server = await listenLocally(serveFolder({ root: DIST }), 0);
  const browser = await chromium.launch({ executablePath: browserPath.path, args: CHROMIUM_FLAGS });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const address = `http://127.0.0.1:${server.port}/`;
    const first = await context.newPage();
    const cold = await firstImage(first, address);
    await first.locator('main[data-engine-state="ready"]').waitFor({ timeout: PATIENCE_MS });
    await first.close();
    const page = await context.newPage();
    await page.addInitScript(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { longTasksMs: tasks });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      }).observe({ type: "longtask" });
    });
    const warm = await firstImage(page, address);
    await page.locator('main[data-engine-state="ready"]').waitFor({ timeout: PATIENCE_MS });
    await page.getByLabel("Count").fill(String(IMAGES));
    await page.evaluate("longTasksMs.length = 0");
    const started = performance.now();
    await page.getByRole("button", { name: "Generate" }).click();
    await page.locator('main[data-engine-state="busy"]').waitFor();
    await page.locator('main[data-engine-state="ready"]').waitFor({ timeout: PATIENCE_MS });
    const ms = performance.now() - started;
    const tasks = await page.evaluate<number[]>("longTasksMs");
    log(`first image: cold ${cold.toFixed(0)} ms, warm ${warm.toFixed(0)} ms`);
    log(
      `page: ${IMAGES} images in ${(ms / 1000).toFixed(1)} s, ${tasks.length} main-thread tasks over 50 ms`,
    );
    return {
      images: IMAGES,
      ms,
      longTasks: { count: tasks.length, longestMs: Math.max(0, ...tasks) },
      firstImageMs: { cold, warm },
    };
  } finally {
    await browser.close();
    await server.close();
  }
}
