import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../scripts/setup/root.mjs";

/** The yardstick's version. It is 139 MB unpacked, so nobody but this bench installs it. */
export const ONNX_RUNTIME = "1.30.0";

/** What the bench uses of onnxruntime-web. */
export interface OnnxRuntime {
  readonly env: { logLevel?: string; readonly wasm: { numThreads?: number } };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(file: Uint8Array, options: { executionProviders: readonly string[] }): Promise<OnnxSession>;
  };
}

export interface OnnxSession {
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { data: Float32Array }>>>;
  release(): Promise<void>;
}

/** The folder of onnxruntime-web's builds, installed beside the project's own packages when it is not there yet. Throws when
 *  it cannot be installed. */
export function onnxRuntimeFolder(): string {
  const folder = join(ROOT, ".cache/onnxruntime", ONNX_RUNTIME);
  const dist = join(folder, "node_modules/onnxruntime-web/dist");
  if (!existsSync(dist)) {
    mkdirSync(folder, { recursive: true });
    const wanted = [
      "install",
      "--prefix",
      folder,
      "--no-save",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
    ];
    execFileSync("npm", [...wanted, `onnxruntime-web@${ONNX_RUNTIME}`], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return dist;
}

/** onnxruntime-web in Node, on the CPU. The number of its threads is settled by the first session of a process. */
export async function onnxRuntime(threads: number): Promise<OnnxRuntime> {
  const entry = join(onnxRuntimeFolder(), "ort.node.min.mjs");
  const runtime: OnnxRuntime = await import(pathToFileURL(entry).href);
  runtime.env.logLevel = "error";
  runtime.env.wasm.numThreads = threads;
  return runtime;
}
