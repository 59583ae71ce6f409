/** Opens WebGPU. Importing this asks for `navigator.gpu`, so it is imported when that is there and is wanted. */
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { env, findBackendFactory, registerBackend, removeBackend, setBackend } from "@tensorflow/tfjs-core";
import { installedGpu, installGpu } from "#gpu/installed.ts";
import { GpuMachine } from "#gpu/machine.ts";
import { GPU_KERNELS, type GpuKernelName } from "#gpu/names.ts";
import { gpuNetworks } from "#models/gpu/gpuNetworks.ts";
import { installNetworks } from "#models/ownNetworks.ts";
import { describeAdapter } from "./adapters.ts";
import type { OnPreparing, OpenedBackend } from "./backends.ts";
import { DeviceError } from "./deviceError.ts";
import { type KernelChoice, switchedOff, withoutText } from "./kernelNames.ts";
import { NEVER, PLAIN_KERNELS } from "./registeredBackend.ts";

/** Images side by side on a GPU: light models at batch 1 are bound by dispatches, not by arithmetic. */
const GPU_MICRO_BATCH = 4;

/** Opens tfjs on a WebGPU device of our own, so that its loss is seen and a new one can follow; with our own kernels for the
 *  networks on it, unless the device refuses to compile them. Throws when the adapter gives no device. */
export async function openWebGPU(
  adapter: GPUAdapter,
  software: boolean,
  kernels: KernelChoice = "own",
  onPreparing?: OnPreparing,
): Promise<OpenedBackend> {
  const { limits, info } = adapter;
  const device = await adapter.requestDevice({
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  });
  // The same picture whatever the batch: one matmul program for every shape (3, the packed one) since the split-K one
  // adds in no fixed order, and nothing computed on the CPU because it happens to be small.
  env().set("WEBGPU_MATMUL_PROGRAM_TYPE", 3);
  env().set("WEBGPU_CPU_FORWARD", false);
  if (findBackendFactory("webgpu")) removeBackend("webgpu"); // tfjs registers one of its own on import
  registerBackend("webgpu", () => new WebGPUBackend(device, info));
  const off = switchedOff(kernels, GPU_KERNELS);
  const options = { off, ...(onPreparing && { onProgress: onPreparing }) };
  const compiling = kernels === "plain" ? null : GpuMachine.open(device, options).catch(() => null);
  await setBackend("webgpu");
  const machine = await compiling;
  installGpu(machine);
  installNetworks("webgpu", gpuNetworks);
  let closed = false;
  // A buffer that could not be made leaves zeros in everything computed from it: nobody may see such a picture.
  let complaint: GPUError | null = null;
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    complaint ??= event.error;
  });
  return {
    name: "webgpu",
    adapter: describeAdapter(info),
    software,
    microBatch: software ? 1 : GPU_MICRO_BATCH,
    kernels: describeKernels(kernels, off, machine !== null),
    lost: device.lost.then((lost) =>
      closed ? NEVER : lost.message || `The graphics device was lost (${lost.reason}).`,
    ),
    settle: async () => {
      await device.queue.onSubmittedWorkDone();
      const error = complaint;
      complaint = null;
      if (error) throw new DeviceError(error);
    },
    lose: () => device.destroy(),
    close: () => {
      closed = true;
      if (installedGpu() === machine) installGpu(null); // they end with their device
      removeBackend("webgpu");
      device.destroy();
    },
  };
}

function describeKernels(wanted: KernelChoice, off: readonly GpuKernelName[], compiled: boolean): string {
  if (compiled) return `our own, WGSL${withoutText(off)}`;
  return wanted === "plain" ? PLAIN_KERNELS : `${PLAIN_KERNELS}, since the device refused ours`;
}
