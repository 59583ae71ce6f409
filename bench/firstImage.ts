import type { Page } from "playwright";

/** Finished images, as the page names them. */
const PICTURES = 'canvas[role="img"][aria-label*="seed "]';
/** Longest that the images may take before the measurement is given up. */
export const PATIENCE_MS = 300_000;

/** Milliseconds from navigation to the first finished image, by the page's own clock. */
export async function firstImage(page: Page, address: string): Promise<number> {
  // As text: what tsx makes of a named function does not run in a page.
  await page.addInitScript({
    content: `new MutationObserver((_, observer) => {
      if (!document.querySelector(${JSON.stringify(PICTURES)})) return;
      globalThis.firstImageMs = performance.now();
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true, attributes: true })`,
  });
  await page.goto(address);
  await page.locator(PICTURES).first().waitFor({ timeout: PATIENCE_MS });
  return page.evaluate<number>("firstImageMs");
}
