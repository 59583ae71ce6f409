import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { ISOLATION_HEADERS } from "./scripts/serve/headers.mjs";
import { CHROMIUM_FLAGS, findPlaywrightChromium, findSystemChromium } from "./scripts/setup/chromium.mjs";
import { ensureSimdKernels } from "./scripts/setup/simd.mjs";

await ensureSimdKernels();
const executablePath = findSystemChromium() ?? (await findPlaywrightChromium()) ?? undefined;

/** `npm run soak`: the same tests, longer. In the browser tests read `import.meta.env.STEADYFLOW_SOAK`. */
const STEADYFLOW_SOAK = process.env.STEADYFLOW_SOAK ?? "";
const patience = STEADYFLOW_SOAK === "1" ? 20 : 1;

/** Three tiers: `node` is the bulk and needs nothing but Node; `browser` runs what must be seen on WebGPU and in a
 *  real worker; `e2e` drives the production build in Chromium. */
export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify("test") },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
          exclude: ["test/browser/**", "test/e2e/**", "test/fixtures/**"],
          testTimeout: 60_000 * patience,
          pool: "threads", // a process a file takes a fifth longer
          maxWorkers: "100%", // vitest leaves one core idle, which is half of a machine with two
        },
      },
      {
        extends: true,
        server: { headers: ISOLATION_HEADERS }, // threads in wasm need a cross-origin isolated page
        optimizeDeps: {
          // Listed, since a dependency found in the middle of a run makes vite reload the page under the test.
          include: [
            "@tensorflow/tfjs-core",
            "@tensorflow/tfjs-backend-cpu",
            "@tensorflow/tfjs-backend-wasm",
            "@tensorflow/tfjs-backend-webgpu",
            "@dicebear/big-ears",
            "@dicebear/core",
            "@dicebear/miniavs",
            "@dicebear/pixel-art",
            "@resvg/resvg-wasm",
            "fflate",
            "idb",
            "valibot",
            "zustand",
          ],
        },
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts", "test/browser/**/*.test.tsx"],
          env: { STEADYFLOW_SOAK },
          hookTimeout: 120_000, // it compiles the kernels in seconds, and in half a minute on a busy machine
          testTimeout: 180_000 * patience, // SwiftShader computes about 0.6 GFLOP/s
          fileParallelism: false, // two software GPUs on two cores only make each other time out
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath, args: CHROMIUM_FLAGS } }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/serve-build.ts"],
          testTimeout: 240_000 * patience,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
