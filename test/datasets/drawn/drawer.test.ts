import { readFileSync } from "node:fs";
import { createAvatar } from "@dicebear/core";
import * as pixelArt from "@dicebear/pixel-art";
import { describe, expect, test } from "vitest";
import { sha256 } from "#bytes/sha256.ts";
import { createDrawer } from "#datasets/drawn/drawer.ts";
import { NINTH_STYLES, seedOf } from "#datasets/drawn/ninthStyles.ts";
import { BACKGROUNDS, DRAWN_SIZE } from "#datasets/drawn/recipe.ts";
import { rasterise, shrink } from "../../../scripts/dataset/pixels.ts";

const wasm = async (): Promise<ArrayBuffer> =>
  Uint8Array.from(readFileSync("node_modules/@resvg/resvg-wasm/index_bg.wasm")).buffer;
const hex = (bytes: Uint8Array) => Buffer.from(sha256(bytes)).toString("hex");

test("a rasteriser that could not be fetched is asked for again", async () => {
  await expect(createDrawer("bigEars", () => Promise.reject(new Error("offline")))).rejects.toThrow(
    "offline",
  );
  await expect(createDrawer("bigEars", wasm)).resolves.toBeDefined();
});

test("an avatar is drawn as the shipped data set's are, to a level of rounding", async () => {
  const drawer = await createDrawer("pixelArt", wasm);
  for (let index = 0; index < 8; index++) {
    const seed = seedOf("pixelArt", index);
    const svg = createAvatar(pixelArt, { seed, size: DRAWN_SIZE, backgroundColor: [...BACKGROUNDS] });
    const native = shrink(rasterise(svg.toString()), DRAWN_SIZE, 64);
    const here = drawer.draw(seed, 64);
    // The native rasteriser of resvg-js may contract products and sums; WebAssembly does not.
    expect(Math.max(...here.map((level, i) => Math.abs(level - native[i]!)))).toBeLessThanOrEqual(1);
  }
});

describe.each(NINTH_STYLES.map(({ name }) => name))("%s", (name) => {
  test("draws the same bytes for a seed each time, and others for other seeds", async () => {
    const drawer = await createDrawer(name, wasm);
    const hashes = Array.from({ length: 40 }, (_, i) => hex(drawer.draw(seedOf(name, i), 64)));
    expect(new Set(hashes).size).toBe(40);
    expect(hex(drawer.draw(seedOf(name, 7), 64))).toBe(hashes[7]);
  });

  test("fills its frame with a drawing on one of the backgrounds", async () => {
    const drawer = await createDrawer(name, wasm);
    const rgb = drawer.draw(seedOf(name, 3), 128);
    const colours = new Set<string>();
    for (let at = 0; at < rgb.length; at += 3)
      colours.add(Buffer.from(rgb.subarray(at, at + 3)).toString("hex"));
    expect(BACKGROUNDS.some((background) => colours.has(background))).toBe(true);
    expect(colours.size).toBeGreaterThan(5);
  });
});
