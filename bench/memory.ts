import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ONNX_RUNTIME } from "./onnx/runtime.ts";

/** Memory that an engine needs for the shipped networks on the CPU, one thread. */
export interface MemoryReport {
  readonly onnxRuntime: string;
  readonly rows: readonly MemoryRow[];
}

export type CpuEngine = "own" | "onnx" | "plain";

export interface MemoryRow {
  readonly model: "light" | "heavy";
  readonly batch: number;
  readonly engines: Readonly<Record<CpuEngine, EngineMemory>>;
}

export interface EngineMemory {
  /** Of all its WebAssembly memories, which never shrink: the most that it has had. */
  readonly wasmBytes: number;
  /** By how much the process has grown from before the engine was loaded, the weights being there already. */
  readonly residentBytes: number;
}

const BATCHES = [1, 16];

/** Every engine, network and batch in a process of its own. */
export async function measureMemory(log: (line: string) => void): Promise<MemoryReport> {
  const rows: MemoryRow[] = [];
  for (const model of ["light", "heavy"] as const) {
    for (const batch of BATCHES) {
      const engines = {
        own: await memoryOf("own", model, batch),
        onnx: await memoryOf("onnx", model, batch),
        plain: await memoryOf("plain", model, batch),
      };
      rows.push({ model, batch, engines });
      for (const [engine, { wasmBytes, residentBytes }] of Object.entries(engines))
        log(
          `${model}, batch ${batch}, ${engine}: ${(wasmBytes / 1e6).toFixed(1)} MB of WebAssembly, the process grew by ${(residentBytes / 1e6).toFixed(0)} MB`,
        );
    }
  }
  return { onnxRuntime: ONNX_RUNTIME, rows };
}

async function memoryOf(engine: CpuEngine, model: string, batch: number): Promise<EngineMemory> {
  const child = fork(
    fileURLToPath(new URL("./memoryChild.ts", import.meta.url)),
    [engine, model, String(batch)],
    { execArgv: [...process.execArgv, "--expose-gc"] },
  );
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${engine} ended with ${code}`);
  });
  const answered = once(child, "message").then(([answer]: EngineMemory[]) => answer);
  try {
    return await Promise.race([answered, ended]);
  } finally {
    ended.catch(() => {}); // it ends after it has answered
  }
}
