/** Teaches the shipped light model a style that it has never seen, by the trainer of the page, and writes what came of it:
 *  docs/finetune/ninth-style.png (rows: before, after each third of the steps, held-out pictures) and ninth-style.json.
 *  `npm run finetune-sheet -- [--steps 1500] [--style bigEars] [--count 400]`; a quarter of an hour on WebAssembly. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { enableProdMode } from "@tensorflow/tfjs-core";
import { creditOf } from "#datasets/credit.ts";
import { drawDataset } from "#datasets/drawn/drawDataset.ts";
import { createDrawer } from "#datasets/drawn/drawer.ts";
import { NINTH_STYLES } from "#datasets/drawn/ninthStyles.ts";
import { createDatasetStore } from "#datasets/store.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import { encodePng } from "#images/png.ts";
import type { LookPoint } from "#runs/run.ts";
import { createRuns } from "#runs/runs.ts";
import { usualTargets } from "#state/finetune/classTargets.ts";
import { heldOutOf } from "#state/finetune/heldOut.ts";
import { knownClasses, planOf } from "#state/finetune/plan.ts";
import { usualSettings } from "#state/finetune/trainSettings.ts";
import { createTrainer } from "#workers/trainer/trainer.ts";
import type { Picture, TrainerEvent } from "#workers/trainerProtocol.ts";
import { fileManifest, filesBeside } from "../cli/fileSource.ts";
import { nodeBackends } from "../cli/nodeBackends.ts";
import { memoryLocks } from "../test/datasets/support.ts";
import { memoryLocalModels } from "../test/library/memoryLocalModels.ts";

const OUT = new URL("../docs/finetune/", import.meta.url);
const MANIFEST = new URL("../public/models/manifest.json", import.meta.url).href;
const COLUMNS = 10;
/** Screen pixels a pixel of a picture. */
const ZOOM = 2;
const GAP = 8;
const PAPER = 255;

const { values: wish } = parseArgs({
  options: {
    steps: { type: "string", default: "1500" },
    style: { type: "string", default: "bigEars" },
    count: { type: "string", default: "400" },
    rate: { type: "string" },
  },
});
const style = NINTH_STYLES.find(({ name }) => name === wish.style);
if (!style)
  throw new Error(`${wish.style} is no style; ${NINTH_STYLES.map(({ name }) => name).join(", ")} are.`);

enableProdMode();
const [family] = (await fileManifest(MANIFEST)).families;
const datasets = createDatasetStore({ files: memoryFiles(), locks: memoryLocks() });
const rasteriser = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
const drawn = await drawDataset(
  { name: style.title, style: style.name, count: Number(wish.count), imageSize: family.image_size },
  {
    store: datasets,
    openDrawer: (name) => createDrawer(name, async () => new Uint8Array(await readFile(rasteriser)).buffer),
    pause: async () => {},
    signal: new AbortController().signal,
    onProgress: () => {},
  },
);
if (!drawn.ok) throw new Error(JSON.stringify(drawn.error));
const dataset = await datasets.open(drawn.value.id);
if (!dataset) throw new Error("the drawn set is gone");

const settings = {
  ...usualSettings("slow"),
  steps: Number(wish.steps),
  every: Math.ceil(Number(wish.steps) / 3),
  learningRate: wish.rate === undefined ? null : Number(wish.rate),
  heldOut: 48,
  pictures: COLUMNS,
};
const heldOut = heldOutOf(await dataset.pixelHashes(), settings.heldOut);
const page = planOf(settings, {
  family,
  dataset: dataset.record,
  targets: usualTargets(dataset.record.classes, knownClasses(family, settings)),
  kept: Uint32Array.from({ length: dataset.record.count }, (_, index) => index),
  heldOut,
  how: "all pictures",
});

/** As the page would have it, but for looks that are drawn in more steps: they are few here, and not to be waited for. */
const plan = { ...page, watch: { ...page.watch, drawing: { ...page.watch.drawing, steps: 50 } } };

const rows: (readonly Picture[])[] = [];
const looks: LookPoint[] = [];
let stepsMs = 0;
const ended = await new Promise<TrainerEvent>((resolve) => {
  const trainer = createTrainer({
    backends: nodeBackends,
    fetchManifest: fileManifest,
    fetchFiles: filesBeside,
    stores: {
      datasets,
      runs: createRuns(memoryFiles()),
      models: memoryLocalModels(),
      locks: { hold: async () => () => {} },
      room: async () => null,
    },
    post(event) {
      if (event.type === "pictures") rows.push(event.pictures);
      if (event.type === "step") {
        stepsMs += event.ms;
        if (event.step % 50 === 0) console.log(`step ${event.step}: loss ${event.loss.toFixed(4)}`);
      }
      if (event.type === "look") {
        looks.push({ step: event.step, heldOutLoss: event.heldOutLoss, similarity: event.similarity });
        console.log(`step ${event.step}: held-out loss ${event.heldOutLoss?.toFixed(4)}`);
      }
      if (event.type === "finished" || event.type === "failed") resolve(event);
    },
    now: () => performance.now(),
    today: Date.now,
    app: "steadyflow figures",
  });
  trainer.handle({ type: "start", backend: "wasm", manifestUrl: MANIFEST, faults: false });
  trainer.handle({ type: "train", id: 1, job: { kind: "new", run: "sheet", plan } });
});
if (ended.type !== "finished") throw new Error(JSON.stringify(ended));
rows.push(await Promise.all(Array.from(heldOut.slice(0, COLUMNS), real)));

await mkdir(OUT, { recursive: true });
await writeFile(new URL("ninth-style.png", OUT), sheetOf(rows));
const report = {
  pictures: creditOf(dataset.record),
  trainedOn: plan.selection.kept.length,
  heldOut: heldOut.length,
  base: "light",
  steps: ended.step,
  batch: settings.batch,
  learningRate: plan.options.learningRate,
  minutes: Number((stepsMs / 60_000).toFixed(1)),
  stepMs: Math.round(stepsMs / ended.step),
  looks: looks.map(({ step, heldOutLoss, similarity }) => ({
    step,
    heldOutLoss: heldOutLoss && Number(heldOutLoss.toFixed(4)),
    sNormalisedToBase: similarity && Number(similarity.sNormalised.value.toFixed(3)),
  })),
};
await writeFile(new URL("ninth-style.json", OUT), `${JSON.stringify(report, null, 2)}\n`);
console.log(JSON.stringify(report));
process.exit(0);

async function real(index: number): Promise<Picture> {
  const size = family.image_size;
  const rgb = (await dataset?.images(index, 1)) ?? new Uint8Array();
  const rgba = new Uint8Array(4 * size * size).fill(255);
  for (let pixel = 0; pixel < size * size; pixel++)
    rgba.set(rgb.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  return { width: size, height: size, rgba: rgba.buffer };
}

/** A row below the other, each pixel of a picture as a square. */
function sheetOf(pictures: readonly (readonly Picture[])[]): Uint8Array {
  const size = family.image_size * ZOOM;
  const width = COLUMNS * (size + GAP) + GAP;
  const height = pictures.length * (size + GAP) + GAP;
  const data = new Uint8Array(width * height * 3).fill(PAPER);
  for (const [row, cells] of pictures.entries())
    for (const [column, { rgba }] of cells.entries()) {
      const pixels = new Uint8Array(rgba);
      const [top, left] = [GAP + row * (size + GAP), GAP + column * (size + GAP)];
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++) {
          const from = 4 * (Math.floor(y / ZOOM) * family.image_size + Math.floor(x / ZOOM));
          data.set(pixels.subarray(from, from + 3), 3 * ((top + y) * width + left + x));
        }
    }
  return encodePng({ width, height, data });
}
