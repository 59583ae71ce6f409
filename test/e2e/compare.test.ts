import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { unzipSync } from "fflate";
import type { Download, Page } from "playwright";
import { describe, expect, inject, test } from "vitest";
import { decodePng } from "#images/pngPixels.ts";
import { structuralSimilarity } from "#metrics/structuralSimilarity.ts";
import { mainThreadTasksMs } from "./mainThreadTasks.ts";
import { type Visit, visit } from "./visit.ts";

/** wasm draws such a picture in some tenths of a second. */
const QUICK = "solver=euler&guidance=1.5&class=micah";
const link = (grid: string) =>
  `${inject("baseUrl")}?backend=wasm#/compare?${grid}&${QUICK}${grid.includes("steps") ? "" : "&steps=5"}`;

const cellAt = (page: Page, name: string) => page.getByRole("gridcell", { name, exact: true });
const complete = (page: Page) => page.locator('[data-run="finished"]').waitFor({ timeout: 120_000 });

/** Pixels that the canvas of a cell or a picture holds. */
const pixelsIn = (canvas: ReturnType<Page["locator"]>) =>
  canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error("not a canvas");
    const data = element.getContext("2d")?.getImageData(0, 0, element.width, element.height).data;
    return Array.from(data ?? []).join();
  });
const pixelsOf = (page: Page, name: string) => pixelsIn(cellAt(page, name).locator("canvas"));

async function drawn(grid: string): Promise<Visit> {
  const opened = await visit(link(grid));
  await complete(opened.page);
  return opened;
}

/** What an item of the menu hands over. */
async function takenAway(page: Page, item: RegExp): Promise<Download> {
  await page.getByRole("button", { name: "Take away" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: item }).click();
  return downloading;
}

test("4 seeds × 5 values of τ: the ends are the pictures of Generate, what is spent was announced, the table follows from the PNGs", async () => {
  const { page, complaints } = await visit(link("rows=seed:1-4&columns=tau:0,0.3,0.5,0.7,1&model=c2f"));
  const announced = page.getByText(/\d+ NFE instead of \d+/);
  await announced.waitFor({ timeout: 60_000 });
  // 4 seeds, 4 steps each: naively 80; heavy alone 16, light alone 16, and branches of 2, 2 and 1 heavy steps.
  const [, planned, naive] = /^(\d+) NFE instead of (\d+)/.exec(await announced.innerText()) ?? [];
  expect(Number(naive)).toBe(80);
  expect(Number(planned)).toBeLessThan(80);
  await complete(page);
  expect(await page.getByRole("gridcell").count()).toBe(20);

  const csv = readFileSync(await (await takenAway(page, /CSV/)).path(), "utf8");
  const json: unknown = JSON.parse(readFileSync(await (await takenAway(page, /JSON/)).path(), "utf8"));
  expect(json).toMatchObject({ evaluations: { naive: expect.anything() } });
  const { evaluations } = json as Record<"evaluations", Record<"spent" | "planned", Record<string, number>>>;
  expect(evaluations.spent).toEqual(evaluations.planned);
  expect((evaluations.spent.light ?? 0) + (evaluations.spent.heavy ?? 0)).toBe(Number(planned));

  const zip = unzipSync(readFileSync(await (await takenAway(page, /zip/)).path()));
  checkTable(csv, zip);

  const ends = await Promise.all(
    ["τ 0", "τ 1"].map((tau) => pixelsOf(page, `seed 2, ${tau}, coarse-to-fine`)),
  );
  for (const [model, pixels] of [
    ["heavy", ends[0]],
    ["light", ends[1]],
  ]) {
    await page.goto(
      `${inject("baseUrl")}?backend=wasm#/generate?seed=2&count=1&model=${model}&steps=5&${QUICK}`,
    );
    const picture = page.getByRole("img", { name: `seed 2, micah, ${model}` });
    await picture.waitFor({ timeout: 60_000 });
    expect(await pixelsIn(picture)).toBe(pixels);
  }
  expect(complaints).toEqual([]);
});

/** Computes PSNR and SSIM of every line anew from the PNGs that it names. */
function checkTable(csv: string, zip: Record<string, Uint8Array>): void {
  const [head = "", ...lines] = csv.trim().split("\r\n");
  const names = head.split(",");
  const read = (name: string) => {
    const decoded = decodePng(zip[name] ?? new Uint8Array());
    if (!decoded.ok) throw new Error(`${name}: ${decoded.error.kind}`);
    return decoded.value;
  };
  expect(lines.length).toBe(20);
  let compared = 0;
  for (const line of lines) {
    const row = Object.fromEntries(line.split(",").map((value, i) => [names[i], value]));
    const [a, b] = [read(row.file ?? ""), read(row.reference_file ?? "")];
    if (row.file === row.reference_file) continue;
    compared++;
    let squares = 0;
    for (let pixel = 0; pixel < a.width * a.height; pixel++)
      for (let channel = 0; channel < 3; channel++)
        squares += ((a.rgba[4 * pixel + channel] ?? 0) - (b.rgba[4 * pixel + channel] ?? 0)) ** 2;
    const psnr = 10 * Math.log10(255 ** 2 / (squares / (3 * a.width * a.height)));
    if (row.psnr !== "inf") expect(Number(row.psnr)).toBeCloseTo(psnr, 3);
    expect(Number(row.ssim)).toBeCloseTo(structuralSimilarity(a, b), 3);
  }
  expect(compared).toBe(16);
}

test("Pause holds a comparison until Resume, by mouse and by key", async () => {
  const { page } = await visit(link("rows=seed:1-4&columns=tau:0,0.5&model=c2f&steps=12"));
  const pause = page.getByRole("button", { name: "Pause" });
  const resume = page.getByRole("button", { name: "Resume" });
  await page.locator('[data-run="running"]').waitFor({ timeout: 60_000 });
  await pause.click();
  await page.waitForTimeout(300);
  expect(await page.locator("[data-run]").getAttribute("data-run")).toBe("paused");
  await resume.click();
  await page.locator('[data-run="running"]').waitFor();
  await pause.press("Enter");
  await page.waitForTimeout(300);
  expect(await page.locator("[data-run]").getAttribute("data-run")).toBe("paused");
  await resume.click();
  await complete(page);
});

test("the address of a grid gives the same pictures in another profile, and pages change without losing it", async () => {
  const first = await drawn("rows=steps:4,5&columns=seed:7,9&model=light&reference=2.1.1");
  const name = "seed 9, 5 steps, light";
  const pixels = await pixelsOf(first.page, name);
  const address = first.page.url();
  expect(address).toContain("rows=steps:4,5");

  await first.page.getByRole("link", { name: "Generate" }).click();
  await first.page.getByRole("button", { name: "Generate", exact: true }).waitFor();
  await first.page.getByRole("link", { name: "Compare" }).click();
  expect(await pixelsOf(first.page, name)).toBe(pixels);
  expect(first.page.url()).toBe(address);

  const second = await visit(address);
  await complete(second.page);
  expect(await pixelsOf(second.page, name)).toBe(pixels);
  expect(await cellAt(second.page, "seed 7, 5 steps, light").getAttribute("aria-selected")).toBe("true");
  expect([...first.complaints, ...second.complaints]).toEqual([]);
});

test("Back from a cell that was opened in Generate leads to the grid as it was", async () => {
  const { page } = await drawn("rows=steps:4,5&columns=seed:7,9&model=light");
  const name = "seed 9, 5 steps, light";
  const pixels = await pixelsOf(page, name);
  const address = page.url();
  await cellAt(page, name).click();
  await page.getByRole("button", { name: "Open in Generate" }).click();
  await page.getByRole("img", { name: "seed 9, micah, light" }).waitFor({ timeout: 60_000 });
  expect(page.url()).toContain("#/generate?");
  await page.goBack();
  await page.locator('[data-run="finished"]').waitFor();
  expect(await pixelsOf(page, name)).toBe(pixels);
  expect(page.url()).toBe(address.replace("reference=1.1.1", "reference=2.2.1"));
});

test("nothing of a grid is kept once it is cleared, and three rounds end with the same heap", async () => {
  const { page } = await drawn("rows=steps:3,4&columns=seed:1-12&model=light");
  const inspected = await page.context().newCDPSession(page);
  await inspected.send("HeapProfiler.enable");
  const kept = async () => {
    await inspected.send("HeapProfiler.collectGarbage");
    await page.waitForTimeout(200);
    await inspected.send("HeapProfiler.collectGarbage");
    return await inspected.send("Runtime.getHeapUsage");
  };
  const after: { readonly usedSize: number; readonly backingStorageSize?: number }[] = [];
  for (let round = 0; round < 3; round++) {
    await page.getByRole("button", { name: "Clear" }).click();
    await page.waitForTimeout(500);
    after.push(await kept());
    await page.getByRole("button", { name: "Start" }).click();
    await complete(page);
  }
  const full = await kept();
  // Pixels, latents and features live outside the heap: 24 pictures of them are half a megabyte.
  expect((full.backingStorageSize ?? 0) - (after[2]?.backingStorageSize ?? 0)).toBeGreaterThan(400_000);
  const used = after.slice(1).map(({ usedSize }) => usedSize);
  expect(Math.abs((used[1] ?? 0) - (used[0] ?? 0))).toBeLessThan(500_000);
});

test("the grid is walked with arrows, and Enter makes a cell the reference; what is spoken has the figures", async () => {
  const { page } = await drawn("rows=steps:3,4,5&columns=seed:1-3&model=light");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  const spoken = () =>
    page.evaluate(() => {
      const by = document.activeElement?.getAttribute("aria-describedby");
      return (by ? document.getElementById(by)?.textContent : null) ?? "";
    });
  await cellAt(page, "seed 1, 3 steps, light").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toBe("seed 2, 4 steps, light");
  expect(await spoken()).toMatch(/^Compared with seed 2, 3 steps, light: SSIM 0\.\d{3}, PSNR \d+\.\d dB/);
  await page.keyboard.press("Enter");
  expect(await cellAt(page, "seed 2, 4 steps, light").getAttribute("aria-selected")).toBe("true");
  expect(page.url()).toContain("reference=2.2.1");
  await page.keyboard.press("Control+End");
  expect(await focused()).toBe("seed 3, 5 steps, light");
  await expect.poll(spoken).toMatch(/^Compared with seed 3, 4 steps, light: SSIM/);
  await page.keyboard.press("Home");
  expect(await focused()).toBe("seed 1, 5 steps, light");
  // A tab that is pressed has no frame; one that is walked to has.
  const frame = () =>
    page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
  await page.getByRole("tab", { name: "Numbers" }).click();
  expect(await frame()).toBe("none");
  await page.keyboard.press("ArrowLeft");
  expect(await frame()).toBe("solid");
});

test("values that make no axis are refused in words and change nothing; Pause stops and Resume goes on", async () => {
  const { page } = await visit(link("rows=tau:0,1&columns=seed:1-2&model=c2f"));
  await complete(page);
  const values = page.getByRole("textbox", { name: "Rows: values of switch time τ" });
  await values.fill("0-2 [3]");
  await page.getByText("leaves the range 0 to 1").waitFor();
  expect(page.url()).toContain("rows=tau:0,1");
  const start = page.locator('form button[type="submit"]');
  await page.getByText("Rows cannot be drawn as typed").waitFor();
  expect(await start.isDisabled()).toBe(true);
  expect(await page.getByRole("gridcell").count()).toBe(4);
  // Too many with these seeds; with fewer they are taken over by themselves.
  await values.fill("0-1 [200]");
  await page.getByText("400 pictures in one panel").waitFor();
  expect(await page.getByRole("gridcell").count()).toBe(4);
  await values.fill("0-1 [3]");
  await expect.poll(() => page.getByRole("gridcell").count()).toBe(6);
  // What was finished stays: only the middle row is left to draw.
  await page.getByText("Stopped at 4 of 6 pictures", { exact: true }).waitFor();
  await page.getByRole("spinbutton", { name: "Steps" }).fill("200");
  await page.getByRole("button", { name: "Start" }).click();
  await page
    .getByText(/^\d+ \/ 199$/)
    .first()
    .waitFor({ timeout: 30_000 });
  await page.keyboard.press("Escape");
  await page.locator('[data-run="paused"]').waitFor({ timeout: 2000 });
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator('main[data-engine-state="ready"]').waitFor({ timeout: 10_000 });
});

test("a name that there is not stays in its field, and neither a key nor a button draws what the field does not say", async () => {
  const { page } = await visit(`${inject("baseUrl")}?backend=wasm#/compare`);
  await page.getByRole("grid").waitFor({ timeout: 60_000 });
  await page.getByRole("combobox", { name: "Rows" }).selectOption("model");
  const models = page.getByRole("textbox", { name: "Rows: values of model" });
  await models.fill("light, nobody");
  await expect.poll(() => models.getAttribute("aria-invalid")).toBe("true");
  expect(await page.getByRole("gridcell").count()).toBe(12);
  expect(await page.getByRole("button", { name: "Start" }).isDisabled()).toBe(true);
  await page.keyboard.press("Control+Enter");
  await page.waitForTimeout(300);
  expect(await page.locator("[data-run]").getAttribute("data-run")).toBe("idle");
  await models.fill("light, zoo-half");
  await expect.poll(() => page.getByRole("gridcell").count()).toBe(8);
  expect(await page.getByRole("button", { name: "Start" }).isDisabled()).toBe(false);
});

describe("looking", () => {
  test("difference, slider and scrubber show what they say", async () => {
    const { page } = await drawn("rows=steps:4,5&columns=seed:1-2&model=light");
    const name = "seed 1, 5 steps, light";
    const picture = await pixelsOf(page, name);
    await page.getByRole("radio", { name: "Difference" }).check();
    await expect.poll(() => pixelsOf(page, name)).not.toBe(picture);
    expect(page.url()).toContain("view=difference");
    await page.getByRole("radio", { name: "Slider" }).check();
    await expect.poll(() => cellAt(page, name).locator("canvas").count()).toBe(2);
    await page.getByRole("radio", { name: "Image" }).check();
    await page.getByRole("slider", { name: "Time t along the trajectories" }).fill("0.5");
    await expect.poll(() => pixelsOf(page, name)).not.toBe(picture);
    // At rest, what is in sight is decoded in full.
    await expect.poll(() => cellAt(page, name).locator("canvas").getAttribute("width")).toBe("64");
    await page.getByRole("button", { name: "Finished" }).click();
    await expect.poll(() => pixelsOf(page, name)).toBe(picture);
  });

  test("axe finds nothing in four sizes and themes, in any of the three ways to look, and nothing scrolls sideways", async () => {
    const { page } = await drawn("rows=steps:4,5&columns=seed:1-2&model=light");
    for (const [colorScheme, width, height, tabs] of [
      ["light", 1440, 900, ["Numbers", "Pictures"]],
      ["dark", 1440, 900, []],
      ["light", 390, 844, []],
      ["dark", 390, 844, ["Curves", "Pictures"]],
    ] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height });
      for (const tab of tabs) {
        await page.getByRole("tab", { name: tab }).click();
        if (tab === "Curves") await page.getByRole("heading", { name: "Speed against similarity" }).waitFor();
        if (tab !== "Pictures") await clean(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), tab).toBe(width);
      }
      await page
        .getByRole("button", { name: /^What does this mean\? SSIM/ })
        .first()
        .click();
      await page.getByRole("dialog").waitFor();
      await clean(page);
      await page.keyboard.press("Escape");
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
    await page.setViewportSize({ width: 320, height: 640 }); // 1280 px at 400 %
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  test("while 8 × 8 pictures are drawn, scrolled and scrubbed, no task of the main thread takes over 50 ms", async () => {
    const { page, browser } = await drawn("rows=seed:1-2&columns=tau:0,1&model=c2f&steps=3");
    await browser.startTracing(page, { categories: ["toplevel"] });
    const rows = page.getByRole("textbox", { name: "Rows: values of seed" });
    await rows.fill("1-8");
    await page.getByRole("textbox", { name: "Columns: values of switch time τ" }).fill("0-1 [8]");
    await page.getByRole("button", { name: "Draw the rest" }).click();
    await complete(page);
    await page.getByRole("gridcell").nth(20).hover();
    await page.mouse.wheel(0, 600);
    await page.mouse.wheel(0, -600);
    for (const t of ["0.9", "0.6", "0.3", "1"])
      await page.getByRole("slider", { name: "Time t along the trajectories" }).fill(t);
    await page.getByRole("radio", { name: "Difference" }).check();
    const tasks = mainThreadTasksMs(await browser.stopTracing());
    expect(tasks.length).toBeGreaterThan(10);
    expect(tasks.filter((ms) => ms > 50)).toEqual([]);
  });
});

async function clean(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`),
  ).toEqual([]);
}
