/** `memoryChild.ts own|onnx|plain light|heavy BATCH`: loads one engine and evaluates a network a few times. Sends what memory
 *  that took to the parent. */
import { enableProdMode } from "@tensorflow/tfjs-core";
import { normals } from "#flow/noise.ts";
import { nodeBackends } from "../cli/nodeBackends.ts";
import { nodeSimd } from "../cli/nodeSimd.ts";
import { onnxEvaluation, ownEvaluation, plainEvaluation, shippedNetwork } from "./cpuNetworks.ts";
import type { EngineMemory } from "./memory.ts";
import { onnxRuntime } from "./onnx/runtime.ts";
import { meterWasm } from "./wasmMeter.ts";

const EVALUATIONS = 3;

const [engine, model, size] = process.argv.slice(2);
const batch = Number(size);
enableProdMode();
const network = await shippedNetwork(model === "heavy" ? "heavy" : "light");
const { input_size: side, in_channels: channels, num_classes, depth, hidden_size } = network.config;
const x = normals(1, 0, batch * side * side * channels);
const labels = Array.from({ length: batch }, (_, sample) => sample % num_classes);
const rows = normals(2, 0, batch * (6 * depth + 2) * hidden_size); // their values need no memory

const wasmBytes = meterWasm();
const before = residentBytes();
const { run } = await loaded();
for (let done = 0; done < EVALUATIONS; done++) await run();
const memory: EngineMemory = { wasmBytes: wasmBytes(), residentBytes: residentBytes() - before };
process.send?.(memory, () => process.exit(0));

/** Of the whole process, without what JavaScript has thrown away. */
function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

async function loaded(): Promise<{ run(): unknown }> {
  if (engine === "own") return ownEvaluation(network, await nodeSimd(1), x, labels);
  if (engine === "onnx") return onnxEvaluation(network, await onnxRuntime(1), x, rows, batch);
  await nodeBackends.open("wasm", "plain");
  return plainEvaluation(network, x, labels);
}
