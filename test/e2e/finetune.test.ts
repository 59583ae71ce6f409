import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright";
import { expect, inject, onTestFinished, test } from "vitest";
import { drawnPng } from "../datasets/pictures.ts";
import { mainThreadTasksMs } from "./mainThreadTasks.ts";
import { type Visit, visit } from "./visit.ts";

const address = (hash = "#/finetune") => `${inject("baseUrl")}?backend=wasm${hash}`;

/** A folder with `count` drawn pictures in two sub-folders, and three files that are no pictures for it. */
function folderOf(count: number): string {
  const folder = mkdtempSync(join(tmpdir(), "steadyflow-pictures-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ["discs", "others"]) mkdirSync(join(folder, name));
  for (let n = 0; n < count; n++)
    writeFileSync(
      join(folder, n % 3 === 0 ? "others" : "discs", `${n}.png`),
      drawnPng(n, 96, n % 2 ? 96 : 72),
    );
  writeFileSync(join(folder, "discs", "notes.txt"), "no picture");
  writeFileSync(join(folder, "discs", "broken.png"), drawnPng(1).subarray(0, 400));
  writeFileSync(join(folder, "others", "again.png"), drawnPng(0, 96, 72));
  return folder;
}

/** Brings a folder in and waits for its set. */
async function bring(page: Page, folder: string): Promise<void> {
  await page.locator("[data-pick=folder]").setInputFiles(folder);
  await page.getByText(/Some of them, and how they become/).waitFor({ timeout: 60_000 });
  await page.getByLabel("Name").fill("Discs");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("grid", { name: "Pictures of Discs" }).waitFor({ timeout: 60_000 });
}

async function openWith(count: number): Promise<Visit> {
  const opened = await visit(address());
  await opened.page.getByRole("button", { name: "A folder" }).waitFor();
  await bring(opened.page, folderOf(count));
  return opened;
}

/** Sets a short run up on the third step. */
async function setUp(page: Page, steps: number, every: number): Promise<void> {
  await page.getByRole("button", { name: /Train/ }).first().click();
  await page.getByRole("spinbutton", { name: "Steps" }).fill(String(steps));
  await page.getByRole("spinbutton", { name: "Batch" }).fill("4");
  await page.getByText("Looks, held-out pictures, seed").click();
  await page.getByRole("spinbutton", { name: "Look every" }).fill(String(every));
  await page.getByRole("spinbutton", { name: "Pictures a look" }).fill("4");
  await page.getByRole("spinbutton", { name: "Held out" }).fill("4");
}

const runIs = (page: Page, state: string) =>
  page.locator(`[data-run="${state}"]`).waitFor({ timeout: 120_000 });

test("a folder is brought, scored, halved and learned; the model draws, and its selection is a table", async () => {
  const { page, complaints } = await openWith(24);
  await page.getByText("3 files left out, and why").click();
  for (const reason of ["Not a picture: the file is", "The picture is broken", "The same file as"])
    await page.getByText(reason, { exact: false }).first().waitFor();
  await page.getByRole("button", { name: /^discs/ }).click();
  await page.getByRole("gridcell", { name: /discs\/1\.png/ }).waitFor();

  // By the keyboard: the button that leads on is gone then, and the focus is with the step that it led to.
  await page.getByRole("button", { name: "Next: what matters" }).press("Enter");
  await page.locator("[aria-current=step]:focus", { hasText: "What matters" }).waitFor();
  await page.getByRole("button", { name: "Measure", exact: true }).click();
  await page.getByRole("progressbar", { name: "Measuring" }).waitFor({ state: "detached", timeout: 120_000 });
  await page.getByRole("combobox", { name: "Keep by" }).selectOption({ label: "Balanced, easiest (B×L)" });
  await page.getByText("12 of 24 pictures are kept").waitFor();
  await page.getByRole("slider", { name: "Drop" }).fill("75");
  await page.getByText("6 of 24 pictures are kept").waitFor();
  await page.getByRole("slider", { name: "Drop" }).fill("50");
  await page.getByText("12 of 24 pictures are kept").waitFor();

  const dropped = page.getByRole("gridcell", { name: /, dropped$/ }).first();
  const name = (await dropped.getAttribute("aria-label"))?.replace(", dropped", "");
  await dropped.focus();
  await page.keyboard.press("k");
  await page.getByRole("gridcell", { name: `${name}, kept by hand` }).waitFor();
  await page.getByText("13 of 24 pictures are kept").waitFor();

  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const csv = readFileSync(await (await downloading).path(), "utf8");
  const [head, ...lines] = csv.trim().split("\r\n");
  const column = (line: string, of: string) => line.split(",")[head.split(",").indexOf(of)];
  expect(lines.length).toBe(24);
  expect(lines.filter((line) => column(line, "kept") === "1").length).toBe(13);
  expect(lines.every((line) => Number.isFinite(Number(column(line, "loss"))))).toBe(true);

  await setUp(page, 6, 3);
  await page.getByText("A step", { exact: true }).waitFor({ timeout: 120_000 });
  await page.getByRole("button", { name: "Start training" }).click();
  await runIs(page, "finished");
  await page.getByRole("img", { name: /Training loss .* after 6 steps; held-out loss \d\.\d/ }).waitFor();
  await page.getByRole("img", { name: "Base, seed 2" }).waitFor();
  await page.getByRole("button", { name: "Next: result" }).click();
  await page.getByRole("cell", { name: /^BxL, ratio 0.5, seed 0, 1 changed by hand$/ }).waitFor();

  await page.getByRole("link", { name: "Draw with it" }).click();
  await page.getByRole("button", { name: "Generate", exact: true }).waitFor();
  await expect.poll(() => page.url()).toMatch(/model=discs-light-[0-9a-f]{8}/);
  expect(complaints).toEqual([]);
});

test("a run whose tab was closed goes on where it was kept; a second tab is told that it is being trained", async () => {
  const { page, complaints } = await openWith(12);
  await setUp(page, 400, 400);
  await page.getByRole("button", { name: "Start training" }).click();
  await page.getByText(/kept up to step \d+/).waitFor({ timeout: 120_000 });
  const context = page.context();
  await page.close();

  const again = await context.newPage();
  await again.goto(address("#/finetune?step=training"));
  await again.getByText(/step \d+ of 400, can go on/).waitFor({ timeout: 60_000 });
  await again.getByRole("button", { name: "Open" }).click();
  await again.getByRole("button", { name: /Go on|Start/ }).click();
  await again.getByText(/step [1-9]\d* of 400, .* a step/).waitFor({ timeout: 120_000 });

  const second = await context.newPage();
  await second.goto(address("#/finetune?step=training"));
  await second.getByText(/being trained in a tab/).waitFor({ timeout: 60_000 });
  await second.getByRole("button", { name: "Open" }).click();
  await second.getByRole("button", { name: /Go on|Start/ }).click();
  await second.getByText("Another tab is training this run").waitFor({ timeout: 120_000 });
  await second.close();

  await again.getByRole("button", { name: "Pause" }).click();
  await runIs(again, "paused");
  await again.getByRole("button", { name: "Go on" }).click();
  await again.getByText(/about .* left/).waitFor({ timeout: 120_000 });
  await again.getByRole("button", { name: "Stop and keep" }).click();
  await runIs(again, "finished");
  expect(complaints).toEqual([]);
});

test("'delete all my data' takes data sets, runs, what was measured and the made model with it", async () => {
  const { page, complaints } = await openWith(12);
  await setUp(page, 2, 2);
  await page.getByRole("button", { name: "Start training" }).click();
  await runIs(page, "finished");
  await page.getByRole("button", { name: "About and data" }).click();
  await page.getByRole("button", { name: "Delete all my data" }).click();
  await page.getByRole("button", { name: "Delete everything" }).click();
  await page.getByText("are deleted from this browser").waitFor();
  const left = () =>
    page.evaluate(async () => {
      const names: string[] = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
      const databases = await indexedDB.databases();
      return [...names, ...databases.map(({ name }) => name), ...(await caches.keys())];
    });
  await expect.poll(left).toEqual([]);
  await page.keyboard.press("Escape"); // the dialog
  await page
    .getByRole("button", { name: /Pictures/ })
    .first()
    .click();
  await bring(page, folderOf(6)); // the same tab goes on, with workers that knew the old folders
  await page.getByRole("button", { name: "About and data" }).click();
  await page.getByRole("button", { name: "Delete all my data" }).click();
  await page.getByRole("button", { name: "Delete everything" }).click();
  await expect.poll(left).toEqual([]);
  await page.reload();
  await page.getByRole("heading", { name: "Teach the models your own pictures" }).waitFor();
  await page.goto(address("#/finetune?step=training"));
  await page.getByRole("button", { name: "Open" }).waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});

test("the slider moves through a set without a task over 50 ms", async () => {
  const { page, browser } = await openWith(60);
  await page.getByRole("button", { name: "Next: what matters" }).click();
  await page.getByRole("checkbox", { name: /^Features/ }).uncheck();
  await page.getByRole("button", { name: "Measure", exact: true }).click();
  await page.getByRole("progressbar", { name: "Measuring" }).waitFor({ state: "detached", timeout: 120_000 });
  await page.getByRole("combobox", { name: "Keep by" }).selectOption("L-inverse");
  await page.getByText("30 of 60 pictures are kept").waitFor();
  await browser.startTracing(page, { categories: ["toplevel"] });
  await page.getByRole("slider", { name: "Drop" }).focus();
  for (let press = 0; press < 30; press++) await page.keyboard.press("ArrowRight");
  await page.getByText("12 of 60 pictures are kept").waitFor();
  const tasks = mainThreadTasksMs(await browser.stopTracing());
  expect(tasks.length).toBeGreaterThan(10);
  expect(tasks.filter((ms) => ms > 50)).toEqual([]);
});

test("axe finds nothing on any step in two sizes and themes, and nothing scrolls sideways", async () => {
  const { page } = await openWith(12);
  await page.getByRole("button", { name: "Next: what matters" }).click();
  await page.getByRole("button", { name: "Measure", exact: true }).click();
  await page.getByRole("progressbar", { name: "Measuring" }).waitFor({ state: "detached", timeout: 120_000 });
  await page.getByRole("combobox", { name: "Keep by" }).selectOption("Cb");
  for (const [colorScheme, width, height] of [
    ["light", 1440, 900],
    ["dark", 390, 844],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height });
    await page
      .getByRole("button", { name: /Pictures/ })
      .first()
      .click();
    await checked(page);
    await page
      .getByRole("button", { name: /What matters/ })
      .first()
      .click();
    for (const tab of ["Map", "Scores", "Agreement", "Gallery"]) {
      await page.getByRole("tab", { name: tab }).click();
      if (tab === "Agreement") await page.getByRole("table").waitFor();
      await checked(page);
    }
    await page.getByRole("button", { name: /Train/ }).first().click();
    await checked(page);
    await page
      .getByRole("button", { name: /Result/ })
      .first()
      .click();
    await checked(page);
  }
});

async function checked(page: Page): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`),
  ).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
}
