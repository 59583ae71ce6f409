import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright";
import { describe, expect, inject, test } from "vitest";
import { settingsFromPng } from "#images/settings.ts";
import { type Visit, visit } from "./visit.ts";

/** wasm on this machine draws such a picture in about a second. */
const QUICK = "steps=6&solver=euler&guidance=1.5&tau=0.7&class=micah";
const link = (settings: string) => `${inject("baseUrl")}?backend=wasm#/generate?${settings}&${QUICK}`;

const finished = (page: Page, seed: number, model = "coarse-to-fine") =>
  page.getByRole("img", { name: new RegExp(`^seed ${seed}, micah, ${model}`) });

/** Pixels of a finished picture, as the canvas holds them. */
const pixelsOf = (page: Page, seed: number, model?: string) =>
  finished(page, seed, model).evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) throw new Error("not a canvas");
    const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
    return Array.from(data ?? []).join();
  });

const state = (page: Page) => page.locator("main").getAttribute("data-engine-state");
const idle = (page: Page) => expect.poll(() => state(page), { timeout: 120_000 }).toBe("ready");

/** Opens a link and waits for its pictures. */
async function drawn(settings: string, seeds: readonly number[]): Promise<Visit> {
  const opened = await visit(link(settings));
  for (const seed of seeds) await finished(opened.page, seed).waitFor({ timeout: 120_000 });
  return opened;
}

test("the first visit shows seed 1 by the light model without a click, then refines it with the heavy one", async () => {
  const { page, complaints } = await visit(`${inject("baseUrl")}?backend=wasm`);
  await finished(page, 1, "light").waitFor({ timeout: 120_000 });
  await finished(page, 1).waitFor({ timeout: 120_000 });
  expect(await finished(page, 1, "light").count()).toBe(0);
  expect(complaints).toEqual([]);
});

test("four seeds appear one by one, each under its seed, and the address reloads to the same pixels", async () => {
  const { page, complaints } = await drawn("seed=1&count=1&model=c2f", [1]);
  await page.getByLabel("Seed", { exact: true }).fill("11");
  await page.getByLabel("Count", { exact: true }).fill("4");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await finished(page, 11).waitFor();
  expect(await finished(page, 14).count()).toBe(0);
  await finished(page, 14).waitFor({ timeout: 120_000 });
  expect(await page.getByRole("img", { name: /^seed / }).count()).toBe(4);
  const before = await pixelsOf(page, 14);
  await page.reload();
  await finished(page, 14).waitFor({ timeout: 120_000 });
  expect(await pixelsOf(page, 14)).toBe(before);
  expect(complaints).toEqual([]);
});

test("the order of the two networks turns round with τ mirrored, and the address says it", async () => {
  const { page, complaints } = await drawn("seed=3&count=1&model=c2f", [3]);
  const first = await pixelsOf(page, 3);
  await page.getByRole("radio", { name: "Heavy first" }).check();
  expect(await page.getByLabel("Exact value, 0 to 1").inputValue()).toBe("0.3");
  expect(await page.getByText("3 light + 2 heavy steps").count()).toBe(1);
  expect(await page.getByText("The link chose").count()).toBe(0);
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await finished(page, 3, "heavy first τ 0.3").waitFor({ timeout: 120_000 });
  const turned = await pixelsOf(page, 3, "heavy first");
  expect(turned).not.toBe(first);
  await page.reload();
  await finished(page, 3, "heavy first τ 0.3").waitFor({ timeout: 120_000 });
  expect(await pixelsOf(page, 3, "heavy first")).toBe(turned);
  expect(complaints).toEqual([]);
});

test("Escape cancels within a step and keeps what is finished", async () => {
  const { page } = await drawn("seed=1&count=1&model=c2f", [1]);
  await page.getByLabel("Count", { exact: true }).fill("16");
  await page.getByLabel("Steps", { exact: true }).fill("40");
  await page.getByLabel("Steps", { exact: true }).press("Control+Enter");
  await page
    .getByText(/^step \d+ of 39/)
    .first()
    .waitFor();
  await page.keyboard.press("Escape");
  await page.getByText(/^Cancelled after/).waitFor({ timeout: 2000 });
  await idle(page);
  expect(await page.getByText("stopped").count()).toBeGreaterThan(10);
});

test("a downloaded PNG carries its settings and, dropped on the page, brings its picture back", async () => {
  const { page } = await drawn("seed=7&count=1&model=c2f", [7]);
  const pixels = await pixelsOf(page, 7);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download PNG" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("steadyflow-micah-0007-c2f-0.7.png");
  const bytes = readFileSync(await download.path());
  expect(settingsFromPng(bytes)).toMatchObject({
    ok: true,
    value: { seed: 7, class: "micah", model: "c2f", tau: 0.7, steps: 6, backend: "wasm" },
  });

  await page.getByRole("radio", { name: "lorelei" }).check();
  await page.getByLabel("Seed", { exact: true }).fill("99");
  await page
    .getByLabel("PNG with settings")
    .setInputFiles({ name: "picture.png", mimeType: "image/png", buffer: bytes });
  await page.getByText("Settings of seed 7 restored.").waitFor();
  await finished(page, 7).waitFor({ timeout: 120_000 });
  expect(await page.getByLabel("Seed", { exact: true }).inputValue()).toBe("7");
  expect(await pixelsOf(page, 7)).toBe(pixels);
});

test("somebody else's PNG is refused in words and changes nothing", async () => {
  const { page } = await drawn("seed=7&count=1&model=c2f", [7]);
  const address = page.url();
  const png = readFileSync("test/fixtures/golden/13_malformed/png_ok.png");
  await page
    .getByLabel("PNG with settings")
    .setInputFiles({ name: "cat.png", mimeType: "image/png", buffer: png });
  await page.getByText(/cat\.png was not taken.*no steadyflow settings/).waitFor();
  await page
    .getByLabel("PNG with settings")
    .setInputFiles({ name: "note.png", mimeType: "image/png", buffer: Buffer.from("hello") });
  await page.getByText(/note\.png was not taken.*not a PNG/).waitFor();
  expect(page.url()).toBe(address);
});

test("light, coarse-to-fine and heavy of one seed stand side by side", async () => {
  const { page } = await drawn("seed=3&count=1&model=c2f", [3]);
  await page.getByRole("radio", { name: "All three" }).check();
  for (const model of ["light", "coarse-to-fine", "heavy"])
    await finished(page, 3, model).waitFor({ timeout: 120_000 });
  expect(page.url()).toContain("view=three");
});

describe("gallery", () => {
  test("pictures are there after a reload; favourites stay when it is cleared; a deletion can be undone", async () => {
    const { page } = await drawn("seed=1&count=3&model=light", []);
    await finished(page, 3, "light").waitFor({ timeout: 120_000 });
    await page.getByRole("button", { name: "Favourite, 2" }).click();
    await page.reload();
    await finished(page, 3, "light").waitFor({ timeout: 120_000 });
    await page.getByRole("tab", { name: /Gallery/ }).click();
    await expect.poll(() => page.getByRole("img", { name: /^seed/ }).count()).toBe(6);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: "Delete all but favourites" }).click();
    await expect.poll(() => page.getByRole("img", { name: /^seed/ }).count()).toBe(1);
    await page.getByRole("button", { name: "More for 2" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await expect.poll(() => page.getByRole("img", { name: /^seed/ }).count()).toBe(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => page.getByRole("img", { name: /^seed 2/ }).count()).toBe(1);
  });

  test("a favourite stays one when the page is reloaded in the same moment", async () => {
    const { page } = await drawn("seed=1&count=2&model=light", []);
    await finished(page, 2, "light").waitFor({ timeout: 120_000 });
    await page.getByRole("button", { name: "Favourite, 2" }).evaluate((button) => {
      if (button instanceof HTMLElement) button.click();
      location.reload();
    });
    await finished(page, 2, "light").waitFor({ timeout: 120_000 });
    await page.getByRole("tab", { name: /Gallery/ }).click();
    await page.getByRole("radio", { name: "Favourites" }).check();
    await expect.poll(() => page.getByRole("img", { name: /^seed 2/ }).count()).toBe(1);
  });

  test("a second tab sees what the first one draws", async () => {
    const { page } = await drawn("seed=1&count=1&model=light", []);
    await finished(page, 1, "light").waitFor({ timeout: 120_000 });
    const second = await page.context().newPage();
    await second.goto(link("seed=1&count=1&model=light"));
    await finished(second, 1, "light").waitFor({ timeout: 120_000 });
    await second.getByRole("tab", { name: /Gallery/ }).click();
    const seen = await second.getByRole("img", { name: /^seed/ }).count();
    await page.getByRole("button", { name: "Generate", exact: true }).click();
    await expect
      .poll(() => second.getByRole("img", { name: /^seed/ }).count(), { timeout: 60_000 })
      .toBe(seen + 1);
  });

  test("all my data can be deleted", async () => {
    const { page } = await drawn("seed=1&count=1&model=light", []);
    await finished(page, 1, "light").waitFor({ timeout: 120_000 });
    await idle(page);
    await page.getByRole("button", { name: "About and data" }).click();
    await page.getByRole("button", { name: "Delete all my data" }).click();
    await page.getByRole("button", { name: "Delete everything" }).click();
    await page.getByText("are deleted from this browser").waitFor();
    const left = await page.evaluate(async () => [
      (await caches.keys()).length,
      localStorage.length,
      (await indexedDB.databases()).length,
    ]);
    expect(left).toEqual([0, 0, 0]);
  });
});

describe("trouble", () => {
  test("a heavy model that cannot be fetched leaves the light one drawing, and Retry brings it", async () => {
    const { page } = await visit("about:blank");
    let there = false;
    await page.route(/heavy-00002/, (route) =>
      there ? route.continue() : route.fulfill({ status: 404, body: "" }),
    );
    await page.goto(link("seed=1&count=1&model=c2f"));
    await page.getByRole("alert").getByText("(404)").waitFor({ timeout: 60_000 });
    await page.getByRole("radio", { name: "Light", exact: true }).check();
    await page.getByRole("button", { name: "Generate", exact: true }).click();
    await finished(page, 1, "light").waitFor({ timeout: 60_000 });
    there = true;
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("radio", { name: "Heavy", exact: true }).check();
    await page.getByRole("button", { name: "Generate", exact: true }).click();
    await finished(page, 1, "heavy").waitFor({ timeout: 120_000 });
  });

  test("a download that stopped offers Retry also where WebGPU is slow and says so", async () => {
    const { page } = await visit("about:blank");
    let there = false;
    await page.route(/decoder/, (route) =>
      there ? route.continue() : route.fulfill({ status: 404, body: "" }),
    );
    await page.goto(`${inject("baseUrl")}?backend=webgpu#/generate?seed=1&model=light`);
    await page.getByRole("alert").getByText("(404)").waitFor({ timeout: 60_000 });
    there = true;
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("button", { name: "Use WebAssembly" }).waitFor({ timeout: 60_000 });
  });

  test("with Save-Data the heavy model waits for a click", async () => {
    const { page } = await visit("about:blank");
    const fetched: string[] = [];
    page.on("request", (request) => fetched.push(request.url()));
    await page.addInitScript(() =>
      Object.defineProperty(navigator, "connection", { value: { saveData: true } }),
    );
    await page.goto(`${inject("baseUrl")}?backend=wasm`);
    await finished(page, 1, "light").waitFor({ timeout: 120_000 });
    expect(fetched.some((url) => url.includes("heavy"))).toBe(false);
    await page.getByRole("button", { name: "Download 19.6 MB" }).click();
    await finished(page, 1).waitFor({ timeout: 120_000 });
  });

  test("a link with nonsense says what it did not understand and draws the rest", async () => {
    const { page } = await visit(
      `${inject("baseUrl")}?backend=wasm#/generate?seed=5&model=light&steps=6&tau=NaN&class=%3Cb%3E`,
    );
    await page.getByText(/tau=NaN/).waitFor({ timeout: 60_000 });
    await finished(page, 5, "light").waitFor({ timeout: 120_000 });
  });
});

describe("an address or a browser that cannot be followed", () => {
  test("a backend that does not exist is named with those that do, and the page draws", async () => {
    const { page, complaints } = await visit(link("seed=5&model=light").replace("=wasm#", "=nonsense#"));
    await page
      .getByRole("alert")
      .getByText(/“nonsense”.*webgpu, wasm, cpu; the engine chose by itself/)
      .waitFor({ timeout: 60_000 });
    await finished(page, 5, "light").waitFor({ timeout: 120_000 });
    expect(complaints).toEqual([]);
  });

  test("seeds beyond the last one are told at the field and are not counted", async () => {
    const { page } = await visit(link("seed=9007199254740990&count=4&model=light"));
    const hint = page.getByText("Only 2 of 4: the last seed is 9007199254740991.");
    await hint.waitFor({ timeout: 60_000 });
    await page.getByText("for each of 2 images").waitFor();
    await page.getByLabel("Count", { exact: true }).fill("2");
    await expect.poll(() => hint.count()).toBe(0);
  });

  test.each([
    ["has no IndexedDB", "undefined", /are deleted from this browser/],
    [
      "refuses IndexedDB",
      "new Proxy({}, { get() { throw new DOMException('refused', 'SecurityError'); } })",
      /did not let the page delete/,
    ],
  ])(
    "where the browser %s, pictures are drawn and the gallery says that it will not last",
    async (_, value, deletion) => {
      const { page, complaints } = await visit("about:blank");
      await page.addInitScript(`Object.defineProperty(globalThis, "indexedDB", { value: ${value} })`);
      await page.goto(link("seed=1&count=1&model=light"));
      await finished(page, 1, "light").waitFor({ timeout: 120_000 });
      await page.getByRole("tab", { name: /Gallery/ }).click();
      await finished(page, 1, "light").waitFor();
      await page
        .getByRole("tabpanel")
        .getByText(/does not let the page keep pictures.*until the page is closed/)
        .waitFor();
      await page.getByRole("button", { name: "About and data" }).click();
      await page.getByRole("button", { name: "Delete all my data" }).click();
      await page.getByRole("button", { name: "Delete everything" }).click();
      await page.getByText(deletion).waitFor();
      expect(await page.getByText(/indexedDB|undefined|refused/i).count()).toBe(0);
      expect(complaints).toEqual([]);
    },
  );
});

describe("access", () => {
  test.each([
    ["light", { width: 1440, height: 900 }],
    ["dark", { width: 1440, height: 900 }],
    ["light", { width: 390, height: 844 }],
    ["dark", { width: 390, height: 844 }],
  ] as const)(
    "axe finds nothing in %s at %o, and nothing scrolls sideways",
    async (colorScheme, viewport) => {
      const { page } = await visit(link("seed=1&count=3&model=light"), {
        colorScheme,
        viewport,
        reducedMotion: "reduce",
      });
      await finished(page, 3, "light").waitFor({ timeout: 120_000 });
      await clean(page);
      const width = () => page.evaluate(() => document.documentElement.scrollWidth);
      expect(await width()).toBe(viewport.width);
      await page.setViewportSize({ width: 320, height: 640 }); // 1280 px at 400 %
      await expect.poll(width).toBe(320); // the grid measures its room a frame later
      await page.setViewportSize(viewport);
      await page.getByRole("button", { name: "More for 3" }).click();
      await page.getByRole("menu").waitFor();
      await clean(page);
      await page.keyboard.press("Escape");
      await finished(page, 3, "light").click();
      await page.getByRole("dialog").waitFor();
      await clean(page);
      await page.keyboard.press("Escape");
      await page.getByRole("tab", { name: /Gallery/ }).click();
      await clean(page);
    },
  );

  test("everything can be done from the keyboard", async () => {
    const { page } = await drawn("seed=1&count=1&model=light", []);
    await finished(page, 1, "light").waitFor({ timeout: 120_000 });
    await idle(page);
    await tabTo(page, "Seed");
    await page.keyboard.press("ArrowUp");
    await tabTo(page, "Switch time τ (tau)", false);
    await page.keyboard.press("Control+Enter");
    await finished(page, 2, "light").waitFor({ timeout: 60_000 });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await tabTo(page, "More for 2");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await page.getByRole("menuitem", { name: "Copy image" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => focused(page)).toBe("More for 2");
  });
});

const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const labelled = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined;
    return element?.getAttribute("aria-label") ?? labelled ?? element?.textContent ?? "";
  });

/** Presses Tab until the control of this name has the focus. `reachable` false: says that it is never reached. */
async function tabTo(page: Page, name: string, reachable = true): Promise<void> {
  for (let press = 0; press < 60; press++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === name) {
      expect(reachable).toBe(true);
      return;
    }
  }
  expect(reachable, `Tab never reached ${name}`).toBe(false);
}

async function clean(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`),
  ).toEqual([]);
}
