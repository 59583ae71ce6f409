import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasmUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import wasmThreadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import type { OpenedBackend } from "./backends.ts";
import { openSimd } from "./browserSimd.ts";
import type { KernelChoice } from "./kernelNames.ts";
import { openWasm } from "./wasmBackend.ts";

/** Opens WebAssembly in a browser's worker. Throws when it cannot be initialised. */
export function openBrowserWasm(kernels: KernelChoice): Promise<OpenedBackend> {
  setWasmPaths({
    "tfjs-backend-wasm.wasm": wasmUrl,
    "tfjs-backend-wasm-simd.wasm": wasmSimdUrl,
    "tfjs-backend-wasm-threaded-simd.wasm": wasmThreadedUrl,
  });
  return openWasm(kernels === "plain" ? null : openSimd(), kernels);
}
