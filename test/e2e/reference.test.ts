import { readFileSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { decodePng } from "#images/pngPixels.ts";
import { visit } from "./visit.ts";

/** Pictures that PyTorch drew with the shipped weights: one row a case, one column a seed. */
const fixture = (ending: string) =>
  readFileSync(new URL(`../fixtures/pretrain/reference-avatars-64.${ending}`, import.meta.url));
const {
  image_size: size,
  tolerance,
  cases,
} = JSON.parse(fixture("json").toString()) as {
  image_size: number;
  tolerance: { pixels: number };
  cases: {
    model: string;
    seeds: number[];
    labels: number[];
    tau: number;
    steps: number;
    guidance: number;
    row: number;
  }[];
};
const CLASSES = ["adventurer", "bigSmile", "dylan", "lorelei", "micah", "openPeeps", "personas", "toonHead"];

test.each(cases.filter(({ model, steps }) => (model === "light" || model === "c2f") && steps > 7))(
  "the page draws seeds $seeds, $model, as PyTorch does",
  async ({ model, seeds: [seed], labels: [label], tau, steps, guidance, row }) => {
    const sheet = decodePng(fixture("png"));
    if (!sheet.ok) throw new Error("the reference cannot be read");
    const className = CLASSES[label];
    const settings = `seed=${seed}&count=1&class=${className}&model=${model}&tau=${tau}&steps=${steps}&solver=euler&guidance=${guidance}`;
    const { page, complaints } = await visit(`${inject("baseUrl")}?backend=wasm#/generate?${settings}`);
    const picture = page.getByRole("img", { name: new RegExp(`^seed ${seed}, ${className}`) });
    await picture.waitFor({ timeout: 180_000 });
    const rgba = await picture.evaluate((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement)) throw new Error("not a canvas");
      return Array.from(canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? []);
    });
    expect(rgba.length).toBe(4 * size * size);

    let worst = 0;
    for (let y = 0; y < size; y++)
      for (let i = 0; i < 4 * size; i++) {
        const want = sheet.value.rgba[(row * size + y) * sheet.value.width * 4 + i];
        worst = Math.max(worst, Math.abs(rgba[y * size * 4 + i] - want));
      }
    expect(worst).toBeLessThanOrEqual(tolerance.pixels);
    expect(complaints).toEqual([]);
  },
);
