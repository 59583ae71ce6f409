import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { unzipSync } from "fflate";
import type { Page } from "playwright";
import { expect, inject, test } from "vitest";
import { parseSafetensors, writeSafetensors } from "#checkpoints/safetensors.ts";
import { visit } from "./visit.ts";

const LIGHT = "public/models/avatars-64/light.safetensors";
const address = (hash: string) => `${inject("baseUrl")}?backend=wasm${hash}`;

const open = async () => {
  const opened = await visit(address("#/models"));
  await opened.page.locator("button:enabled", { hasText: "Import a model" }).waitFor();
  return opened;
};

/** Brings a file and waits for what comes of it. */
async function bring(page: Page, name: string, buffer: Uint8Array) {
  const file = { name, mimeType: "application/octet-stream", buffer: Buffer.from(buffer) };
  await page.getByLabel("Files of a model").setInputFiles(file);
  await page.getByRole("dialog", { name: "Import a model" }).waitFor();
}

async function add(page: Page) {
  await page.getByRole("button", { name: "Add model" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Draws seed 3 with a model in three steps and gives the picture's pixels. */
async function draw(page: Page, model: string): Promise<string> {
  await page.goto(
    address(`#/generate?seed=3&count=1&class=micah&steps=4&solver=euler&guidance=1&model=${model}`),
  );
  const canvas = page.locator("figure canvas, [role=img] canvas, canvas[role=img]").first();
  await page.getByText(/^1 image in/).waitFor({ timeout: 60_000 });
  return canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error("not a canvas");
    return Array.from(
      element.getContext("2d")?.getImageData(0, 0, element.width, element.height).data ?? [],
    ).join();
  });
}

test("a model that is imported draws after a reload; exported and imported elsewhere, it draws the same picture", async () => {
  const { page, complaints } = await open();
  await bring(page, "Fruits.safetensors", readFileSync(LIGHT));
  await page.getByLabel("Licence").fill("CC0");
  await add(page);
  await page.reload();
  await page.getByText("Fruits", { exact: true }).click();
  const id = await page.getByText(/^fruits-[0-9a-f]{8}$/).innerText();

  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Apples");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByText("Apples", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Export" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const exported = readFileSync(await (await downloading).path());
  expect(Object.keys(unzipSync(exported))).toEqual([`${id}.safetensors`, "config.json", "README.md"]);
  const drawn = await draw(page, id);
  expect(await page.getByLabel("Or yours").locator("option:checked").innerText()).toBe("Apples");
  expect(complaints).toEqual([]);

  const elsewhere = await visit(address(`#/generate?seed=3&steps=4&model=${id}`));
  await elsewhere.page.getByText(`The link needs ${id}`).waitFor();
  await elsewhere.page.getByRole("link", { name: "Models", exact: true }).click();
  await bring(elsewhere.page, "model.zip", exported);
  expect(await elsewhere.page.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Apples");
  expect(await elsewhere.page.getByLabel("Licence").inputValue()).toBe("CC0");
  await add(elsewhere.page);
  expect(await draw(elsewhere.page, id)).toBe(drawn);

  await elsewhere.page.getByRole("button", { name: "About and data" }).click();
  await elsewhere.page.getByRole("button", { name: "Delete all my data" }).click();
  await elsewhere.page.getByRole("button", { name: "Delete everything" }).click();
  await elsewhere.page.getByText("are deleted from this browser").waitFor();
  await elsewhere.page.goto(address("#/models"));
  await elsewhere.page.getByText("None yet.").waitFor();
});

test("what does not fit is named; downloads are shown and deleted; axe finds nothing and nothing scrolls sideways", async () => {
  const { page, complaints } = await visit(address("#/generate?seed=3&count=1&steps=3&model=light"));
  await page.getByText(/^1 image in/).waitFor({ timeout: 60_000 });
  await page.getByRole("link", { name: "Models", exact: true }).click();
  // Decoder and light model have drawn; the heavy one was still on its way.
  await page.getByText("in this browser", { exact: true }).nth(2).waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Delete downloads" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete downloads" }).click();
  await page.getByText("Nothing of it is in this browser yet").waitFor();

  const light = parseSafetensors(readFileSync(LIGHT));
  if (!light.ok) throw new Error("the shipped light model cannot be read");
  const tensors = new Map(light.value.tensors);
  tensors.delete("blocks.2.mlp.fc1.bias");
  const check = async (what: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [what, id, nodes[0]?.html])).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect([what, wide]).toEqual([what, false]);
  };
  await page.getByText("Heavy model", { exact: true }).click();
  await check("details, wide, light");
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await check("details, narrow, dark");
  await bring(page, "broken.safetensors", writeSafetensors(tensors));
  await page.getByText("blocks.2.mlp.fc1.bias", { exact: true }).waitFor();
  await check("refusal, narrow, dark");
  await page.keyboard.press("Escape");
  await bring(page, "light.safetensors", readFileSync(LIGHT));
  await page.getByRole("button", { name: "Add model" }).waitFor();
  await check("draft, narrow, dark");
  expect(complaints).toEqual([]);
});
