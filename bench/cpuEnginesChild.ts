/** `cpuEnginesChild.ts THREADS ROUNDS`: the shipped light and heavy networks on our own kernels, on onnxruntime-web and on
 *  tfjs, alternated in one process. Sends what it found to the parent. */
import { enableProdMode } from "@tensorflow/tfjs-core";
import { normals } from "#flow/noise.ts";
import { readTiles } from "#simd/tiles.ts";
import { nodeBackends } from "../cli/nodeBackends.ts";
import { nodeSimd } from "../cli/nodeSimd.ts";
import type { ChildAnswer, CpuRow } from "./cpuEngines.ts";
import {
  type CpuNetwork,
  onnxEvaluation,
  ownEvaluation,
  plainEvaluation,
  shippedNetwork,
} from "./cpuNetworks.ts";
import { largestDifference } from "./largestDifference.ts";
import { ONNX_RUNTIME, onnxRuntime } from "./onnx/runtime.ts";
import { alternate } from "./statistics.ts";

const BATCHES = [1, 4, 8, 16, 64];
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
  const network = await shippedNetwork(model);
  for (const batch of BATCHES) rows.push(await compare(model, network, batch));
}
process.send?.({ onnxRuntime: ONNX_RUNTIME, rows } satisfies ChildAnswer, () => process.exit(0));

async function compare(model: CpuRow["model"], network: CpuNetwork, batch: number): Promise<CpuRow> {
  const { input_size: side, in_channels: channels, num_classes, depth, hidden_size } = network.config;
  const x = normals(1, 0, batch * side * side * channels);
  const labels = Array.from({ length: batch }, (_, sample) => sample % num_classes);
  const own = ownEvaluation(network, source, x, labels);
  const rows = readTiles(own.modulations, batch, (6 * depth + 2) * hidden_size);
  const onnx = await onnxEvaluation(network, runtime, x, rows, batch);

  const difference = largestDifference(own.run(), await onnx.velocity());
  const times = countFor(own.run);
  const timed = async (evaluate: () => unknown): Promise<number> => {
    const started = performance.now();
    for (let time = 0; time < times; time++) await evaluate();
    return (performance.now() - started) / times;
  };
  const base = { own: () => timed(own.run), onnx: () => timed(onnx.run) };
  const row = { model, batch, threads, difference };
  if (threads > 1) {
    const timings = await alternate(base, rounds, WARMUPS);
    await onnx.release();
    own.release();
    return { ...row, ...timings, plain: null };
  }
  const plain = plainEvaluation(network, x, labels);
  await plain.run(); // its modulations are computed in the first evaluation
  const timings = await alternate({ ...base, plain: () => timed(plain.run) }, rounds, WARMUPS);
  plain.release();
  await onnx.release();
  own.release();
  return { ...row, ...timings };
}

function countFor(evaluate: () => unknown): number {
  const started = performance.now();
  evaluate();
  return Math.max(1, Math.round(ABOUT_MS / (performance.now() - started)));
}
