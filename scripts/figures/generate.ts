/** Draws docs/figures/generate.png: one column a class, seed k for class k; rows light, coarse-to-fine at τ = 0.7, heavy.
 *  `node scripts/run.mjs scripts/figures/generate.ts` */
import { mkdir, writeFile } from "node:fs/promises";
import { enableProdMode } from "@tensorflow/tfjs-core";
import { encodePng } from "#images/png.ts";
import { createEngine } from "#workers/engine.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { fileManifest, filesBeside } from "../../cli/fileSource.ts";
import { nodeBackends } from "../../cli/nodeBackends.ts";

const OUT = new URL("../../docs/figures/generate.png", import.meta.url);
const MANIFEST = new URL("../../public/models/manifest.json", import.meta.url).href;
const ROWS = ["light", "c2f", "heavy"] as const;
/** Screen pixels a pixel of the picture. */
const ZOOM = 2;
const GAP = 8;
const PAPER = 255;

enableProdMode();
const [family] = (await fileManifest(MANIFEST)).families;
const { model: _, ...defaults } = family.defaults;
const size = family.image_size * ZOOM;
const columns = family.classes.length;
const width = columns * (size + GAP) + GAP;
const height = ROWS.length * (size + GAP) + GAP;
const sheet = new Uint8Array(width * height * 3).fill(PAPER);

/** Puts a picture into its cell, each of its pixels as a square. */
function place(row: number, column: number, rgba: Uint8Array): void {
  const [top, left] = [GAP + row * (size + GAP), GAP + column * (size + GAP)];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = 4 * (Math.floor(y / ZOOM) * family.image_size + Math.floor(x / ZOOM));
      sheet.set(rgba.subarray(from, from + 3), 3 * ((top + y) * width + left + x));
    }
  }
}

const events: EngineEvent[] = [];
const engine = createEngine({
  backends: nodeBackends,
  fetchManifest: fileManifest,
  fetchFiles: filesBeside,
  post: (event) => events.push(event),
  now: () => performance.now(),
  app: "steadyflow figures",
});
engine.handle({ type: "start", backend: "wasm", manifestUrl: MANIFEST, faults: false });
engine.handle({ type: "load", id: 0, family: family.name, parts: ["decoder", "light", "heavy"] });
const images = family.classes.map(({ label }) => ({ seed: label + 1, label }));
ROWS.forEach((model, row) => {
  const job = { ...defaults, family: family.name, images, model, previews: false, batch: null };
  engine.handle({ type: "generate", id: 1 + row, job });
});
await engine.idle();
for (const event of events) {
  if (event.type === "failed") throw new Error(JSON.stringify(event.error));
  if (event.type === "image") place(event.id - 1, event.index, new Uint8Array(event.rgba));
}
await mkdir(new URL(".", OUT), { recursive: true });
await writeFile(OUT, encodePng({ width, height, data: sheet }));
process.exit(0);
