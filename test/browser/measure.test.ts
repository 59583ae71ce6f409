import { afterAll, expect, test } from "vitest";
import type { RgbaImage } from "#metrics/rgbaImage.ts";
import { structuralSimilarity } from "#metrics/structuralSimilarity.ts";
import { connectMeasure } from "#workers/measureClient.ts";

const measure = connectMeasure();
afterAll(() => measure.close());

/** A 64-pixel image of stripes. */
function stripes(step: number): RgbaImage & { rgba: Uint8Array<ArrayBuffer> } {
  const rgba = Uint8Array.from({ length: 4 * 64 * 64 }, (_, i) => (i % 4 === 3 ? 255 : (i * step) % 256));
  return { width: 64, height: 64, rgba };
}
const question = (reference: number, image: number) => {
  const [a, b] = [stripes(reference), stripes(image)];
  return { reference: { ...a, rgba: a.rgba.buffer }, image: { ...b, rgba: b.rgba.buffer } };
};

test("a real worker measures as the functions do", async () => {
  const answer = await measure.images(question(3, 5));
  expect(answer.ok && answer.value.ssim).toBe(structuralSimilarity(stripes(3), stripes(5)));
  const shown = await measure.difference({ ...question(3, 5), fullAt: 255, colours: "magma" });
  expect(shown.ok && shown.value.rgba.byteLength).toBe(4 * 64 * 64);
});

test("256 questions leave the main thread free, and one cancel settles them all at once", async () => {
  const controller = new AbortController();
  const pair = question(3, 5);
  const start = performance.now();
  const answers = Array.from({ length: 256 }, () => measure.images(pair, controller.signal));
  expect(performance.now() - start).toBeLessThan(500); // 8 MB are copied; the 256 SSIMs are not computed here
  controller.abort();
  const all = await Promise.all(answers);
  expect(all.filter((answer) => !answer.ok && answer.error.kind === "Cancelled").length).toBe(256);
  expect((await measure.images(pair)).ok).toBe(true);
});
