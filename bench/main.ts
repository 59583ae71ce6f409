/** What a step and an image cost, and what the switch from the light to the heavy model saves: all in one run, as
 *  ratios, medians of alternated rounds. `npm run bench -- [--json FILE] [--backend wasm] [--rounds 5] [--no-page]`.
 *  Instead of that, on demand: `--cpu-engines` our CPU kernels beside onnxruntime-web, tfjs and PyTorch, and `--memory` what
 *  memory they need; `--webgpu` our WebGPU kernels beside onnxruntime-web and tfjs in Chromium; `--download` what a first visit
 *  transfers until its first image; `--shapes` what light and heavy models of other depths and widths would cost;
 *  `--fine-tuning` scores by gradients and training steps; `--trainer-memory` the trainer's memory against its estimate.
 *  `--table` writes docs/bench.md from what these have left in docs/bench/. */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { enableProdMode } from "@tensorflow/tfjs-core";
import { findModel, type Manifest } from "#checkpoints/manifest.ts";
import { loadPart, type Residents } from "#workers/residents.ts";
import { fileManifest, filesBeside } from "../cli/fileSource.ts";
import { nodeBackends } from "../cli/nodeBackends.ts";
import { measureCpuEngines } from "./cpuEngines.ts";
import { measureDownload } from "./download.ts";
import { measureFineTuning } from "./fineTuning.ts";
import { measureImages } from "./images.ts";
import { measureMemory } from "./memory.ts";
import { type PageReport, watchMainThread } from "./page.ts";
import { readReports, readResults } from "./reports.ts";
import { compareShapes } from "./shapes.ts";
import { measureSpeedUp } from "./speedUp.ts";
import { measureSteps } from "./steps.ts";
import { benchDocument } from "./table.ts";
import { measureTrainerMemory } from "./trainerMemory.ts";
import { measureWebgpu } from "./webgpu.ts";

const MANIFEST = pathToFileURL(
  fileURLToPath(new URL("../public/models/manifest.json", import.meta.url)),
).href;

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    backend: { type: "string", default: "wasm" },
    rounds: { type: "string", default: "5" },
    family: { type: "string" },
    "no-page": { type: "boolean", default: false },
    shapes: { type: "boolean", default: false },
    "fine-tuning": { type: "boolean", default: false },
    "trainer-memory": { type: "boolean", default: false },
    "cpu-engines": { type: "boolean", default: false },
    download: { type: "boolean", default: false },
    memory: { type: "boolean", default: false },
    webgpu: { type: "boolean", default: false },
    table: { type: "boolean", default: false },
  },
});
const log = (line: string) => process.stderr.write(`${line}\n`);

const backendName = options.backend;
if (backendName !== "wasm" && backendName !== "webgpu" && backendName !== "cpu")
  throw new Error(`--backend '${backendName}' is not one of wasm, webgpu, cpu`);
const rounds = Math.max(1, Number(options.rounds));

if (options.table) {
  const document = benchDocument(await readReports(), await readResults());
  await writeFile(new URL("../docs/bench.md", import.meta.url), document);
  process.exit(0);
}
if (options.download) {
  await print({ download: await measureDownload(log) });
  process.exit(0);
}
if (options.memory) {
  await print({ machine: processor(), memory: await measureMemory(log) });
  process.exit(0);
}
if (options.webgpu) {
  const webgpu = await measureWebgpu(rounds, log);
  if (webgpu === null) process.exit(1);
  await print({ machine: processor(), webgpu });
  process.exit(0);
}
enableProdMode();
if (options["cpu-engines"]) {
  await print({
    machine: processor(),
    cpuEngines: await measureCpuEngines(rounds, log),
  });
  process.exit(0);
}
const backend = await nodeBackends.open(backendName);
if (options.shapes) {
  await print({ machine: machine(), shapes: await compareShapes(rounds, log) });
  process.exit(0); // a WebGPU device would keep the process alive
}
if (options["fine-tuning"]) {
  await print({ machine: machine(), fineTuning: await measureFineTuning(rounds, log) });
  process.exit(0);
}
if (options["trainer-memory"]) {
  await print({ machine: machine(), trainerMemory: await measureTrainerMemory(log) });
  process.exit(0);
}
const manifest: Manifest = await fileManifest(MANIFEST);
const family = manifest.families.find((f) => f.name === options.family) ?? manifest.families[0];
let residents: Residents = {};
for (const part of ["decoder", "light", "heavy"] as const) {
  residents = {
    ...residents,
    ...(await loadPart(family, part, filesBeside(MANIFEST), () => {}, AbortSignal.timeout(60_000))),
  };
}
const { decoder, light, heavy } = residents;
if (!decoder || !light || !heavy) throw new Error("A part of the family did not load.");
const models = { decoder, light, heavy };

log(`${family.name} on ${backendName}, ${rounds} rounds. A step is one network evaluation at guidance 1.`);
const steps = await measureSteps(family, models, rounds, log);
const speedup = { "0.7": await measureSpeedUp(family, models, 0.7, steps, rounds, log) };
const images = await measureImages(family, models, rounds, log);
const page: PageReport | null = options["no-page"] ? null : await watchMainThread(log);

const network = findModel(family, "heavy");
const patch = network?.architecture === "dit" ? network.config.patch_size : 1;
const report = {
  machine: machine(),
  family: family.name,
  tokens: (family.latent.height * family.latent.width) / patch ** 2,
  ...steps,
  speedup,
  images,
  page,
};
await print(report);
process.exit(0);

function processor() {
  return { processor: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
}

function machine() {
  return { ...processor(), backend: backendName, adapter: backend.adapter };
}

async function print(report: object): Promise<void> {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (!options.json) {
    process.stdout.write(text);
    return;
  }
  await writeFile(options.json, text);
  log(`written to ${options.json}`);
}
