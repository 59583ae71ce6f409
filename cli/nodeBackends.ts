import { existsSync } from "node:fs";
import { adapterKind, describeAdapter } from "#workers/adapters.ts";
import type { BackendSource, GpuProbe } from "#workers/backends.ts";
import { openRegistered } from "#workers/registeredBackend.ts";
import { nodeSimd } from "./nodeSimd.ts";

/** Where distributions put the Vulkan driver description of Chromium's software renderer: Dawn in Node finds a
 *  real GPU by itself, but no software one. */
const SOFTWARE_DRIVERS = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

/** WebGPU in Node through Dawn, set up once: tfjs reads `navigator.gpu` when its backend is imported. */
let gpuReady: Promise<GPU> | null = null;
async function nodeGpu(): Promise<GPU> {
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  let gpu = create([]);
  if (!(await gpu.requestAdapter())) {
    const driver = SOFTWARE_DRIVERS.find(existsSync);
    if (driver && !process.env.VK_ICD_FILENAMES) {
      process.env.VK_ICD_FILENAMES = driver;
      gpu = create([]);
    }
  }
  // Node 21 and later have a navigator of their own, whose properties are getters.
  if (typeof navigator === "undefined")
    Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true });
  return gpu;
}

async function adapter(): Promise<GPUAdapter | null> {
  gpuReady ??= nodeGpu();
  return (await gpuReady).requestAdapter({ powerPreference: "high-performance" });
}

/** The backends of a Node process: the command line and the tests. */
export const nodeBackends: BackendSource = {
  async probe(): Promise<GpuProbe> {
    const remedy = "Install a Vulkan driver, or use --backend wasm.";
    try {
      const found = await adapter();
      if (!found) return { kind: "none", reason: "No graphics adapter was found.", remedy };
      return { kind: adapterKind(found), adapter: describeAdapter(found.info) };
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      return { kind: "none", reason: `WebGPU could not be started (${detail}).`, remedy };
    }
  },
  async open(name, kernels = "own", onPreparing) {
    switch (name) {
      case "webgpu": {
        const found = await adapter();
        if (!found) throw new Error("No graphics adapter was found.");
        const { openWebGPU } = await import("#workers/webgpuBackend.ts");
        return openWebGPU(found, adapterKind(found) === "software", kernels, onPreparing);
      }
      case "wasm": {
        const { openWasm } = await import("#workers/wasmBackend.ts");
        return openWasm(kernels === "plain" ? null : nodeSimd(), kernels);
      }
      case "cpu":
        await import("@tensorflow/tfjs-backend-cpu");
        return openRegistered("cpu");
      default:
        return name satisfies never;
    }
  },
};
