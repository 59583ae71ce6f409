import { readFileSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import { parseSafetensors } from "#checkpoints/safetensors.ts";
import { visit } from "./visit.ts";

/** Images of an independent implementation on the shipped weights: seed, class and what the page calls the model. */
const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const reference = JSON.parse(fixture("reference.json").toString()) as {
  seeds: number[];
  tolerance: { rgb_max_difference: number };
};
const CASES = [
  { seed: 2, className: "micah", model: "c2f" },
  { seed: 3, className: "personas", model: "light" },
] as const;

test.each(CASES)(
  "the page draws seed $seed of $className, $model, as the independent implementation does",
  async ({ seed, className, model }) => {
    const parsed = parseSafetensors(fixture("reference.safetensors"));
    if (!parsed.ok) throw new Error(parsed.error.kind);
    const tensor = parsed.value.tensors.get(`out.rgb_${model}`);
    if (!tensor) throw new Error("the reference lacks the image");
    const [, , height, width] = tensor.shape;
    const values = toFloat32(tensor);

    const settings = `seed=${seed}&count=1&class=${className}&model=${model}&tau=0.7&steps=60&solver=euler&guidance=1.5`;
    const { page, complaints } = await visit(`${inject("baseUrl")}?backend=wasm#/generate?${settings}`);
    const picture = page.getByRole("img", { name: new RegExp(`^seed ${seed}, ${className}`) });
    await picture.waitFor({ timeout: 180_000 });
    const rgba = await picture.evaluate((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement)) throw new Error("not a canvas");
      return Array.from(canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? []);
    });
    expect(rgba.length).toBe(4 * height * width);

    const image = reference.seeds.indexOf(seed);
    let worst = 0;
    for (let pixel = 0; pixel < height * width; pixel++)
      for (let channel = 0; channel < 3; channel++) {
        const want = values[(image * 3 + channel) * height * width + pixel];
        worst = Math.max(worst, Math.abs(rgba[4 * pixel + channel] - want));
      }
    expect(worst).toBeLessThanOrEqual(reference.tolerance.rgb_max_difference);
    expect(complaints).toEqual([]);
  },
);
