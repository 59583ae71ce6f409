import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { closedWasmFactory } from "./scripts/build/closed-wasm-factory.mjs";
import { ISOLATION_HEADERS } from "./scripts/serve/headers.mjs";
import { ensureSimdKernels } from "./scripts/setup/simd.mjs";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as {
  version: string;
};

await ensureSimdKernels();

export default defineConfig({
  base: "./", // relative addresses, so that the built folder may lie anywhere on a host
  plugins: [react(), closedWasmFactory()],
  define: { __APP_VERSION__: JSON.stringify(version) },
  optimizeDeps: {
    // The worker's, named since vite would find them late and load the page twice.
    include: ["core", "backend-cpu", "backend-wasm", "backend-webgpu"].map(
      (part) => `@tensorflow/tfjs-${part}`,
    ),
  },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: ISOLATION_HEADERS },
  worker: {
    format: "es",
    plugins: () => [closedWasmFactory()],
    rolldownOptions: {
      output: {
        // Plain kernels that several backends share; left alone, they end up in one backend that the others then load.
        codeSplitting: {
          groups: [
            { name: "shared-kernels", test: /tfjs-backend-cpu\/dist\/shared\.js/ },
            { name: "shared-kernels", test: /tfjs-backend-cpu/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  build: {
    target: "es2023", // what WebGPU browsers have understood from their first version on
    sourcemap: false,
    rolldownOptions: { checks: { pluginTimings: false } }, // most of a build is the worker's, that is known
    chunkSizeWarningLimit: 1200, // kB; tfjs with one backend. scripts/budget.mjs has the limit that counts
  },
});
