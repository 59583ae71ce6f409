import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Timing } from "./statistics.ts";

/** Milliseconds of a velocity evaluation at guidance 1, the modulations of its time and label at hand, on the CPU. */
export interface CpuReport {
  readonly onnxRuntime: string;
  readonly rows: readonly CpuRow[];
  /** Null where there is no PyTorch. */
  readonly pytorch: { readonly torch: string; readonly rows: readonly PytorchRow[] } | null;
}

export interface CpuRow {
  readonly model: "light" | "heavy";
  readonly batch: number;
  readonly threads: number;
  readonly own: Timing;
  readonly onnx: Timing;
  /** The composition of tfjs ops; on one thread, which is all that it has in Node. */
  readonly plain: Timing | null;
  /** Largest difference between our velocities and the yardstick's. */
  readonly difference: number;
}

export interface PytorchRow {
  readonly model: "light" | "heavy";
  readonly batch: number;
  readonly medianMs: number;
}

/** What a child process sends. */
export interface ChildAnswer {
  readonly onnxRuntime: string;
  readonly rows: readonly CpuRow[];
}

/** Measures one number of threads after the other, each in a process of its own since onnxruntime-web settles its threads
 *  once; PyTorch last. */
export async function measureCpuEngines(rounds: number, log: (line: string) => void): Promise<CpuReport> {
  const rows: CpuRow[] = [];
  let onnxRuntime = "";
  for (const threads of [1, 2]) {
    const child = fork(fileURLToPath(new URL("./cpuEnginesChild.ts", import.meta.url)), [
      String(threads),
      String(rounds),
    ]);
    const [answer]: ChildAnswer[] = await once(child, "message");
    rows.push(...answer.rows);
    onnxRuntime = answer.onnxRuntime;
    child.disconnect();
  }
  for (const { model, batch, threads, own, onnx, plain } of rows) {
    const against = plain ? `, tfjs ${(plain.medianMs / own.medianMs).toFixed(2)}×` : "";
    log(
      `${model}, batch ${batch}, ${threads} threads: ${own.medianMs.toFixed(1)} ms; onnxruntime-web takes ${(onnx.medianMs / own.medianMs).toFixed(2)}×${against}`,
    );
  }
  return { onnxRuntime, rows, pytorch: await pytorch(log) };
}

/** PyTorch's eager forward pass of the same networks on one thread. */
async function pytorch(log: (line: string) => void): Promise<CpuReport["pytorch"]> {
  const script = fileURLToPath(new URL("./pytorch_forward.py", import.meta.url));
  try {
    const { stdout } = await promisify(execFile)("/usr/bin/python3", [script]);
    return JSON.parse(stdout);
  } catch {
    log("PyTorch is left out: /usr/bin/python3 has none.");
    return null;
  }
}
