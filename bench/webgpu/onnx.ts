import { add, setBackend, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { uploadDiT } from "#models/dit.ts";
import { ditSizes } from "#models/ditConfig.ts";
import { embedClasses, embedTimes, modulationRows } from "#models/ditNetwork.ts";
import { disposeTensors } from "#models/tensors.ts";
import { ditOnnx, modulationInputs } from "../onnx/ditGraph.ts";
import { patchRows, pixelsOf } from "../onnx/patchRows.ts";
import type { ShippedNetwork } from "./shippedNetwork.ts";
import type { Evaluator, Task } from "./task.ts";

/** What is used of onnxruntime-web with its WebGPU execution provider. */
interface OnnxOnWebGPU {
  readonly env: {
    logLevel?: string;
    readonly wasm: { numThreads?: number; wasmPaths?: string };
    /** The device is there once a session is. */
    readonly webgpu: { readonly device?: GPUDevice };
  };
  readonly Tensor: {
    fromGpuBuffer(buffer: GPUBuffer, options: { dataType: "float32"; dims: readonly number[] }): OnnxTensor;
  };
  readonly InferenceSession: {
    create(
      file: Uint8Array,
      options: { executionProviders: readonly string[]; preferredOutputLocation: "gpu-buffer" },
    ): Promise<{
      run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
    }>;
  };
}
interface OnnxTensor {
  getData(): Promise<Float32Array>;
  dispose(): void;
}

const FOLDER = new URL("onnxruntime/", location.href).href;

/** The network on onnxruntime-web's WebGPU execution provider: the graph of `ditOnnx`, inputs and outputs on the device, the
 *  first evaluation done. Rejects where it refuses. */
export async function onnxEvaluator(network: ShippedNetwork, task: Task): Promise<Evaluator> {
  const { config, weights } = network;
  const batch = task.labels.length;
  const { tokens, patchIn } = ditSizes(config);
  const rows = await modulationsOf(network, task);
  const runtime: OnnxOnWebGPU = await import(/* @vite-ignore */ `${FOLDER}ort.webgpu.bundle.min.mjs`);
  runtime.env.logLevel = "error";
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = FOLDER;
  const { file, output } = ditOnnx(config, weights, batch);
  const session = await runtime.InferenceSession.create(file, {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
  });
  const device = await runtime.env.webgpu.device;
  if (device === undefined) throw new Error("onnxruntime-web tells of no device");
  const placed = (values: Float32Array<ArrayBuffer>, dims: readonly number[]): OnnxTensor => {
    const buffer = device.createBuffer({
      size: values.byteLength,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    device.queue.writeBuffer(buffer, 0, values);
    return runtime.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims });
  };
  const feeds = {
    patches: placed(patchRows(config, task.x, batch), [batch, tokens, patchIn]),
    ...Object.fromEntries(
      [...modulationInputs(config, rows)].map(([name, { values, shape }]) => [name, placed(values, shape)]),
    ),
  };
  const evaluate = async (): Promise<OnnxTensor> => (await session.run(feeds))[output];
  let latest = await evaluate();
  return {
    async step() {
      latest.dispose();
      latest = await evaluate();
    },
    settle: () => device.queue.onSubmittedWorkDone(),
    velocity: async () => pixelsOf(config, await latest.getData(), batch),
    movedBytes: () => null,
  };
}

/** Modulations [B,(6·depth + 2)·D] of the task's second time, which the graph takes as an input; computed on the CPU, so that
 *  nothing but the graph is on the device. */
async function modulationsOf(
  { config, weights }: ShippedNetwork,
  { times: [, time], labels }: Task,
): Promise<Float32Array> {
  await setBackend("cpu");
  const tensors = uploadDiT(config, weights);
  const rows = tidy(() => {
    const c: Tensor2D = add(
      embedTimes(
        tensors,
        labels.map(() => time),
      ),
      embedClasses(tensors, labels),
    ); // [B,D]
    return modulationRows(config, tensors, c).dataSync<"float32">();
  });
  disposeTensors(tensors);
  return rows;
}
