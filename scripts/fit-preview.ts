/** Fits the linear latent→RGB map of the previews to the family's own decoder, by least squares: pictures of the light
 *  model, averaged over the pixels that a latent pixel covers. Writes it into family.json with its R² on pictures that
 *  the fit has not seen; then run scripts/make-manifest.mjs.
 *  `node scripts/run.mjs scripts/fit-preview.ts [FAMILY] [IMAGES]` */
import { readFile, writeFile } from "node:fs/promises";
import { div, enableProdMode, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Family } from "#checkpoints/manifest.ts";
import { uniformGrid } from "#flow/grid.ts";
import { initialNoise } from "#flow/noise.ts";
import { sample } from "#flow/sampler.ts";
import { loadPart, type Residents } from "#workers/residents.ts";
import { fileManifest, filesBeside } from "../cli/fileSource.ts";
import { nodeBackends } from "../cli/nodeBackends.ts";

const MANIFEST = new URL("../public/models/manifest.json", import.meta.url).href;
const [familyName, imagesText = "160"] = process.argv.slice(2);
const images = Number(imagesText);
/** One picture in five is kept out of the fit. */
const HELD_OUT = 5;
/** Enough for the layout and colours that a preview shows. */
const STEPS = 20;

/** One latent pixel: its channels and a 1, and the mean RGB in [-1,1] of the pixels that it becomes. */
interface Sample {
  readonly z: readonly number[];
  readonly rgb: readonly number[];
}

async function samplesOf(seed: number, family: Family, { decoder, light }: Residents): Promise<Sample[]> {
  if (!decoder || !light) throw new Error("a part did not load");
  const x0 = initialNoise([seed], family.latent);
  const { x1 } = await sample(x0, {
    models: { light },
    choice: "light",
    tau: 1,
    grid: uniformGrid(STEPS),
    solver: "euler",
    labels: [seed % family.classes.length],
    guidance: family.defaults.guidance,
  });
  const unscaled = div<Tensor4D>(x1, family.scale_factor);
  const image = decoder.decode(unscaled);
  const [z, rgb] = [await x1.data(), await image.data()];
  for (const tensor of [x0, x1, unscaled, image]) tensor.dispose();
  const { height, width, channels } = family.latent;
  const factor = family.image_size / width;
  return Array.from({ length: height * width }, (_, p) => {
    const [top, left] = [Math.floor(p / width) * factor, (p % width) * factor];
    const mean = [0, 0, 0];
    for (let y = top; y < top + factor; y++)
      for (let x = left; x < left + factor; x++)
        for (let j = 0; j < 3; j++)
          mean[j] += Math.min(1, Math.max(-1, rgb[(y * family.image_size + x) * 3 + j])) / factor ** 2;
    return { z: [...z.slice(p * channels, (p + 1) * channels), 1], rgb: mean };
  });
}

/** w with (Σ z zᵀ) w = Σ z y, by elimination with pivots: the normal equations of least squares. */
function leastSquares(samples: readonly Sample[], channel: number): number[] {
  const n = samples[0].z.length;
  const rows = Array.from({ length: n }, () => new Array<number>(n + 1).fill(0));
  for (const { z, rgb } of samples)
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) rows[i][k] += z[i] * z[k];
      rows[i][n] += z[i] * rgb[channel];
    }
  for (let i = 0; i < n; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      const factor = rows[k][i] / rows[i][i];
      for (let c = i; c <= n; c++) rows[k][c] -= factor * rows[i][c];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}

/** 1 − Σ(y − ŷ)² / Σ(y − ȳ)² over all three channels. */
function determination(samples: readonly Sample[], weights: readonly (readonly number[])[]): number {
  const mean = [0, 1, 2].map((j) => samples.reduce((sum, { rgb }) => sum + rgb[j], 0) / samples.length);
  let [residual, total] = [0, 0];
  for (const { z, rgb } of samples)
    for (let j = 0; j < 3; j++) {
      const fitted = weights[j].reduce((sum, weight, c) => sum + weight * z[c], 0);
      residual += (rgb[j] - fitted) ** 2;
      total += (rgb[j] - mean[j]) ** 2;
    }
  return 1 - residual / total;
}

enableProdMode();
await nodeBackends.open("wasm");
const manifest = await fileManifest(MANIFEST);
const family = manifest.families.find(({ name }) => name === familyName) ?? manifest.families[0];
let residents: Residents = {};
for (const part of ["decoder", "light"] as const)
  residents = {
    ...residents,
    ...(await loadPart(family, part, filesBeside(MANIFEST), () => {}, AbortSignal.timeout(60_000))),
  };
const fit: Sample[] = [];
const heldOut: Sample[] = [];
for (let seed = 0; seed < images; seed++)
  (seed % HELD_OUT === 0 ? heldOut : fit).push(...(await samplesOf(seed, family, residents)));

const weights = [0, 1, 2].map((channel) => leastSquares(fit, channel));
const round = (value: number) => Number(value.toFixed(5));
const preview = {
  matrix: weights.map((row) => row.slice(0, -1).map(round)),
  bias: weights.map((row) => round(row[row.length - 1])),
  r2: Number(determination(heldOut, weights).toFixed(3)),
};
const path = new URL(`../public/models/${family.name}/family.json`, import.meta.url);
await writeFile(
  path,
  `${JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), preview }, null, 2)}\n`,
);
process.stderr.write(
  `${family.name}: R² ${preview.r2} on ${Math.ceil(images / HELD_OUT)} held-out pictures\n`,
);
process.exit(0);
