/** `cpuEnginesChild.ts THREADS ROUNDS`: the shipped light and heavy networks on our own kernels, on onnxruntime-web and on
 *  tfjs, alternated in one process. Sends what it found to the parent. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { enableProdMode, tensor4d } from "@tensorflow/tfjs-core";
import { findModel } from "#checkpoints/manifest.ts";
import { normals } from "#flow/noise.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSizes, ditSpec } from "#models/ditConfig.ts";
import { DiTSimd } from "#models/simd/ditSimd.ts";
import { ArrivingDiTWeights } from "#models/simd/ditSimdWeights.ts";
import type { WeightMap } from "#models/weights.ts";
import { installSimd } from "#simd/installed.ts";
import { SimdMachine } from "#simd/machine.ts";
import { readTiles } from "#simd/tiles.ts";
import { checkpointOf, weightsFrom } from "#workers/weightFiles.ts";
import { fileManifest, filesBeside } from "../cli/fileSource.ts";
import { nodeBackends } from "../cli/nodeBackends.ts";
import { nodeSimd } from "../cli/nodeSimd.ts";
import type { ChildAnswer, CpuRow } from "./cpuEngines.ts";
import { largestDifference } from "./largestDifference.ts";
import { ditOnnx, modulationInputs } from "./onnx/ditGraph.ts";
import { patchRows, pixelsOf } from "./onnx/patchRows.ts";
import { ONNX_RUNTIME, type OnnxRuntime, onnxRuntime } from "./onnx/runtime.ts";
import { alternate } from "./statistics.ts";

const BATCHES = [1, 4, 8, 16, 64];
const TIME = 0.4;
const WARMUPS = 2;
/** A measurement holds as many evaluations as fit in about this time: one light step is too short to be timed well. */
const ABOUT_MS = 150;

const [threads, rounds] = process.argv.slice(2).map(Number);
enableProdMode();
await nodeBackends.open("wasm");
const source = await nodeSimd(threads);
const runtime = await onnxRuntime(threads);
const rows: CpuRow[] = [];
for (const model of ["light", "heavy"] as const) {
  const { config, weights } = await shipped(model);
  for (const batch of BATCHES) rows.push(await compare(model, config, weights, batch));
}
process.send?.({ onnxRuntime: ONNX_RUNTIME, rows } satisfies ChildAnswer, () => process.exit(0));

async function shipped(name: "light" | "heavy"): Promise<{ config: DiTConfig; weights: WeightMap }> {
  const url = pathToFileURL(fileURLToPath(new URL("../public/models/manifest.json", import.meta.url))).href;
  const [family] = (await fileManifest(url)).families;
  const entry = findModel(family, name);
  if (entry?.architecture !== "dit") throw new Error(`${name} is no DiT`);
  const shards = await filesBeside(url)(entry.files, () => {}, AbortSignal.timeout(60_000));
  return {
    config: entry.config,
    weights: weightsFrom(checkpointOf(entry.files, shards), ditSpec(entry.config)),
  };
}

function ownNetwork(config: DiTConfig, weights: WeightMap): DiTSimd {
  const machine = new SimdMachine(source);
  const arriving = new ArrivingDiTWeights(machine, config);
  for (const [name, weight] of weights) arriving.offer(name, weight);
  return new DiTSimd(config, machine, arriving.finish());
}

async function compare(
  model: CpuRow["model"],
  config: DiTConfig,
  weights: WeightMap,
  batch: number,
): Promise<CpuRow> {
  const { input_size: side, in_channels: channels } = config;
  const x = normals(1, 0, batch * side * side * channels);
  const labels = Array.from({ length: batch }, (_, sample) => sample % config.num_classes);
  const order = labels.map((_, sample) => sample);
  const network = ownNetwork(config, weights);
  const modulations = network.modulations(labels.map((label) => ({ time: TIME, label })));
  const own = () => network.velocity(x, modulations, order);
  const onnx = await onnxEvaluation(runtime, config, weights, x, modulations, batch);

  const difference = largestDifference(own(), await onnx.velocity());
  const times = countFor(own);
  const timed = async (evaluate: () => unknown): Promise<number> => {
    const started = performance.now();
    for (let time = 0; time < times; time++) await evaluate();
    return (performance.now() - started) / times;
  };
  const base = { own: () => timed(own), onnx: () => timed(onnx.run) };
  const row = { model, batch, threads, difference };
  if (threads > 1) {
    const timings = await alternate(base, rounds, WARMUPS);
    await onnx.release();
    network.dispose();
    return { ...row, ...timings, plain: null };
  }
  installSimd(null);
  const tfjs = createDiT(config, weights);
  const trajectory = tfjs.begin([TIME], labels, 1);
  const state = tensor4d(x, [batch, side, side, channels]);
  trajectory.velocity(0, state).dispose(); // its modulations are computed in the first evaluation
  const plain = () => {
    const velocity = trajectory.velocity(0, state);
    velocity.dataSync();
    velocity.dispose();
  };
  const timings = await alternate({ ...base, plain: () => timed(plain) }, rounds, WARMUPS);
  trajectory.end();
  tfjs.dispose();
  state.dispose();
  await onnx.release();
  network.dispose();
  return { ...row, ...timings };
}

function countFor(evaluate: () => unknown): number {
  const started = performance.now();
  evaluate();
  return Math.max(1, Math.round(ABOUT_MS / (performance.now() - started)));
}

/** The same evaluation on onnxruntime-web. */
async function onnxEvaluation(
  { InferenceSession, Tensor }: OnnxRuntime,
  config: DiTConfig,
  weights: WeightMap,
  x: Float32Array,
  modulations: Float32Array,
  batch: number,
) {
  const { tokens, patchIn } = ditSizes(config);
  const width = (6 * config.depth + 2) * config.hidden_size;
  const { file, output } = ditOnnx(config, weights, batch);
  const session = await InferenceSession.create(file, { executionProviders: ["wasm"] });
  const feeds = {
    patches: new Tensor("float32", patchRows(config, x, batch), [batch, tokens, patchIn]),
    ...Object.fromEntries(
      [...modulationInputs(config, readTiles(modulations, batch, width))].map(([name, { values, shape }]) => [
        name,
        new Tensor("float32", values, shape),
      ]),
    ),
  };
  const run = () => session.run(feeds);
  return {
    run,
    velocity: async () => pixelsOf(config, (await run())[output].data, batch),
    release: () => session.release(),
  };
}
