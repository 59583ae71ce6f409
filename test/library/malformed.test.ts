import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Manifest } from "#checkpoints/manifest.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";
import { readAndInspect, tunedTiny } from "./support.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/golden/13_malformed");

test("no hostile file is taken for a model or makes the reader throw, under whatever name it comes", async () => {
  const { manifest } = await tinyFamily();
  const names = (await readdir(FOLDER)).filter((name) => !name.endsWith("expected.json"));
  expect(names.length).toBeGreaterThan(50);
  for (const name of names) {
    const bytes = new Uint8Array(await readFile(join(FOLDER, name)));
    for (const as of [name, "model.safetensors", "model.pt", "config.json", "model.safetensors.index.json"]) {
      const read = await readAndInspect([{ name: as, bytes }], manifest);
      expect([name, as, read.ok]).toEqual([name, as, false]); // also the valid ones: no family has their latents
    }
  }
});

test("a model file with any byte of its header changed is refused, or is the same network still", async () => {
  const { manifest } = await tinyFamily();
  const { files } = await tunedTiny();
  const headerBytes = 8 + new DataView(files.weights.buffer).getUint32(0, true);
  for (let at = 0; at < headerBytes; at += 7) await flipped(files.weights, at, manifest);
});

async function flipped(weights: Uint8Array, at: number, manifest: Manifest): Promise<void> {
  const bytes = weights.slice();
  bytes[at] ^= 1 << (at % 8);
  const read = await readAndInspect([{ name: "model.safetensors", bytes }], manifest);
  if (read.ok) expect(read.value.draft.fits.length).toBeGreaterThan(0);
}
