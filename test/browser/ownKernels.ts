import type { Tensor } from "@tensorflow/tfjs-core";
import { installedGpu } from "#gpu/installed.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import type { OpenedBackend } from "#workers/backends.ts";
import { browserBackends } from "#workers/browserBackends.ts";

/** WebGPU with our own kernels, as the engine opens it; in software that takes many seconds. */
export async function openWithKernels(): Promise<{ opened: OpenedBackend; machine: GpuMachine }> {
  const opened = await browserBackends.open("webgpu", "own");
  const machine = installedGpu();
  if (!machine) throw new Error(`no kernels are installed: ${opened.kernels}`);
  return { opened, machine };
}

/** The values of a tensor, which is disposed. */
export async function valuesOf(tensor: Tensor): Promise<Float32Array> {
  const values = await tensor.data<"float32">();
  tensor.dispose();
  return values;
}
