import { env, findBackendFactory, registerBackend, removeBackend, setBackend } from "@tensorflow/tfjs-core";
import { installedGpu, installGpu } from "#gpu/installed.ts";
import { GpuMachine } from "#gpu/machine.ts";
import { installSimd, type SimdSource } from "#simd/installed.ts";
import type { OpenedBackend } from "./backends.ts";
import { DeviceError } from "./deviceError.ts";
import type { KernelChoice } from "./protocol.ts";
import { guardAllocation, type WasmMemory, wasmMemory } from "./wasmMemory.ts";

/** Modules whose failed allocations throw already; tfjs makes one and keeps it. */
const guarded = new WeakSet<WasmMemory>();

/** Never resolves: wasm and cpu do not go away. */
const NEVER = new Promise<string>(() => {});

/** What a backend reports whose networks are compositions of tfjs ops. */
const PLAIN_KERNELS = "those of TensorFlow.js";

/** Images side by side on a GPU: light models at batch 1 are bound by dispatches, not by arithmetic. */
const GPU_MICRO_BATCH = 4;

/** The tfjs module `@tensorflow/tfjs-backend-webgpu`; handed in because importing it asks for `navigator.gpu`. */
export type WebGPUModule = typeof import("@tensorflow/tfjs-backend-webgpu");

/** Opens tfjs on a WebGPU device of our own, so that its loss is seen and a new one can follow; with our own kernels for the
 *  velocity networks on it, unless the device refuses to compile them. Throws when the adapter gives no device. */
export async function openWebGPU(
  adapter: GPUAdapter,
  software: boolean,
  { WebGPUBackend }: WebGPUModule,
  kernels: KernelChoice = "own",
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
  const compiling = kernels === "own" ? GpuMachine.open(device).catch(() => null) : null;
  await setBackend("webgpu");
  const machine = await compiling;
  installGpu(machine);
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
    kernels: machine === null ? PLAIN_KERNELS : "our own, WGSL",
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

/** Opens tfjs in WebAssembly, with our own kernels for the velocity networks where they compile: a browser that refuses
 *  them still has those of tfjs, and null asks for no others. Throws when tfjs cannot be initialised. */
export async function openWasm(kernels: Promise<SimdSource> | null): Promise<OpenedBackend> {
  const compiled = kernels?.catch(() => null);
  const opened = await openRegistered("wasm");
  const source = (await compiled) ?? null;
  installSimd(source);
  if (source === null) return opened;
  const threads = source.pool?.threads ?? 1;
  return {
    ...opened,
    kernels: `our own, SIMD on ${threads} ${threads === 1 ? "thread" : "threads"}`,
    close: () => source.pool?.end(),
  };
}

/** Makes a backend that tfjs has registered the current one. Throws when it cannot be initialised. */
export async function openRegistered(name: "wasm" | "cpu"): Promise<OpenedBackend> {
  if (!(await setBackend(name))) throw new Error(`The ${name} backend could not be initialised.`);
  const memory = wasmMemory();
  if (memory && !guarded.has(memory)) {
    guardAllocation(memory);
    guarded.add(memory);
  }
  return {
    name,
    adapter: null,
    software: false,
    kernels: PLAIN_KERNELS,
    microBatch: 1, // eight images together take as long as one after the other, and the first comes eight times later
    lost: NEVER,
    settle: async () => {},
    lose: () => {},
    close: () => {},
  };
}

/** Vendor, architecture and device as far as the browser tells them. */
export function describeAdapter(info: GPUAdapterInfo): string {
  const words = [info.vendor, info.architecture, info.description || info.device].filter(
    (word) => word !== "",
  );
  return words.length > 0 ? words.join(" ") : "an unnamed adapter";
}

/** Whether an adapter computes on the CPU: browsers mark those, or they are known by name. */
export const adapterKind = (adapter: GPUAdapter): "software" | "hardware" =>
  isSoftware(adapter) ? "software" : "hardware";

const isSoftware = (adapter: GPUAdapter): boolean =>
  ("isFallbackAdapter" in adapter.info && adapter.info.isFallbackAdapter === true) ||
  /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(describeAdapter(adapter.info));
