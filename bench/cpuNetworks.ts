import { fileURLToPath, pathToFileURL } from "node:url";
import { tensor4d } from "@tensorflow/tfjs-core";
import { findModel } from "#checkpoints/manifest.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSizes, ditSpec } from "#models/ditConfig.ts";
import { DiTSimd } from "#models/simd/ditSimd.ts";
import { ArrivingDiTWeights } from "#models/simd/ditSimdWeights.ts";
import type { WeightMap } from "#models/weights.ts";
import { installSimd, type SimdSource } from "#simd/installed.ts";
import { SimdMachine } from "#simd/machine.ts";
import { checkpointOf, weightsFrom } from "#workers/weightFiles.ts";
import { fileManifest, filesBeside } from "../cli/fileSource.ts";
import { ditOnnx, modulationInputs } from "./onnx/ditGraph.ts";
import { patchRows, pixelsOf } from "./onnx/patchRows.ts";
import type { OnnxRuntime } from "./onnx/runtime.ts";

export interface CpuNetwork {
  readonly config: DiTConfig;
  readonly weights: WeightMap;
}

/** The time of every evaluation. */
const TIME = 0.4;

/** A DiT of the first family, from public/models. */
export async function shippedNetwork(name: "light" | "heavy"): Promise<CpuNetwork> {
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

/** Velocities by our kernels of states x [B,H,W,C], modulations at hand. */
export function ownEvaluation(
  { config, weights }: CpuNetwork,
  source: SimdSource,
  x: Float32Array,
  labels: readonly number[],
) {
  const machine = new SimdMachine(source);
  const arriving = new ArrivingDiTWeights(machine, config);
  for (const [name, weight] of weights) arriving.offer(name, weight);
  const network = new DiTSimd(config, machine, arriving.finish());
  const modulations = network.modulations(labels.map((label) => ({ time: TIME, label })));
  const order = labels.map((_, sample) => sample);
  return {
    modulations,
    run: () => network.velocity(x, modulations, order),
    release: () => network.dispose(),
  };
}

/** The same on TensorFlow.js's ops, read back. */
export function plainEvaluation({ config, weights }: CpuNetwork, x: Float32Array, labels: readonly number[]) {
  installSimd(null);
  const network = createDiT(config, weights);
  const trajectory = network.begin([TIME], [...labels], 1);
  const side = config.input_size;
  const states = tensor4d(x, [labels.length, side, side, config.in_channels]);
  const run = async (): Promise<void> => {
    const velocity = await trajectory.velocity(0, states);
    velocity.dataSync();
    velocity.dispose();
  };
  return {
    run,
    release() {
      trajectory.end();
      network.dispose();
      states.dispose();
    },
  };
}

/** The same on onnxruntime-web in WebAssembly, modulations as rows [B,(6·depth + 2)·D]. */
export async function onnxEvaluation(
  { config, weights }: CpuNetwork,
  { InferenceSession, Tensor }: OnnxRuntime,
  x: Float32Array,
  modulations: Float32Array,
  batch: number,
) {
  const { tokens, patchIn } = ditSizes(config);
  const { file, output } = ditOnnx(config, weights, batch);
  const session = await InferenceSession.create(file, { executionProviders: ["wasm"] });
  const inputs = [...modulationInputs(config, modulations)].map(
    ([name, { values, shape }]) => [name, new Tensor("float32", values, shape)] as const,
  );
  const feeds = {
    patches: new Tensor("float32", patchRows(config, x, batch), [batch, tokens, patchIn]),
    ...Object.fromEntries(inputs),
  };
  const run = () => session.run(feeds);
  return {
    run,
    velocity: async () => pixelsOf(config, (await run())[output].data, batch),
    release: () => session.release(),
  };
}
