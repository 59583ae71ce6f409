import { adapterKind, describeAdapter } from "./adapters.ts";
import type { BackendSource, GpuProbe } from "./backends.ts";
import { openRegistered } from "./registeredBackend.ts";

const REMEDY =
  "Use a current Chrome or Edge, or Safari 26 and later, on a computer with a graphics card, and check that hardware acceleration is switched on.";

const requestAdapter = () => navigator.gpu.requestAdapter({ powerPreference: "high-performance" });

async function probe(): Promise<GpuProbe> {
  if (!("gpu" in navigator) || !navigator.gpu)
    return { kind: "none", reason: "This browser has no WebGPU.", remedy: REMEDY };
  try {
    const adapter = await requestAdapter();
    if (!adapter)
      return { kind: "none", reason: "WebGPU finds no graphics adapter on this machine.", remedy: REMEDY };
    return { kind: adapterKind(adapter), adapter: describeAdapter(adapter.info) };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    return { kind: "none", reason: `WebGPU could not be asked for an adapter (${detail}).`, remedy: REMEDY };
  }
}

/** The backends of a browser's worker. Each one's code is fetched only where it is used. */
export const browserBackends: BackendSource = {
  probe,
  async open(name, kernels = "own", onPreparing) {
    switch (name) {
      case "webgpu": {
        const [adapter, { openWebGPU }] = await Promise.all([requestAdapter(), import("./webgpuBackend.ts")]);
        if (!adapter) throw new Error("The graphics adapter is gone.");
        return openWebGPU(adapter, adapterKind(adapter) === "software", kernels, onPreparing);
      }
      case "wasm": {
        const { openBrowserWasm } = await import("./browserWasm.ts");
        return openBrowserWasm(kernels);
      }
      case "cpu":
        await import("@tensorflow/tfjs-backend-cpu");
        return openRegistered("cpu");
      default:
        return name satisfies never;
    }
  },
};
