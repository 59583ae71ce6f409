import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright";
import { onTestFinished } from "vitest";
import { CHROMIUM_FLAGS, findPlaywrightChromium, findSystemChromium } from "../../scripts/setup/chromium.mjs";

/** A visit to a page, in a browser profile of its own. */
export interface Visit {
  readonly page: Page;
  readonly browser: Browser;
  /** Console errors, uncaught exceptions and failed requests so far. A test that expects none says so at its end. */
  readonly complaints: readonly string[];
}

/** Opens `url` in a fresh Chromium (WebGPU on SwiftShader) that is closed when the test ends. */
export async function visit(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const executablePath = findSystemChromium() ?? (await findPlaywrightChromium()) ?? undefined;
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS, headless: true });
  onTestFinished(() => browser.close());
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) =>
    complaints.push(`request: ${request.url()} ${request.failure()?.errorText ?? ""}`),
  );
  await page.goto(url);
  return { page, browser, complaints };
}
