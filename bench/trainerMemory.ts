import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TrainerMemory } from "./trainerChild.ts";

export interface TrainerMemoryReport {
  /** Told by the trainer before the run: on the device (WebAssembly's memory), and outside it. */
  readonly deviceBytes: number;
  readonly hostBytes: number;
  /** Of a process that trains: WebAssembly's memory, and by how much the whole process grew. */
  readonly heapBytes: number;
  readonly peakBytes: number;
}

const WAYS = ["light", "lightLora"] as const;

/** The trainer's memory against its estimate, each in a process of its own: what one used cannot help the other. */
export async function measureTrainerMemory(
  log: (line: string) => void,
): Promise<Readonly<Record<string, TrainerMemoryReport>>> {
  const reports: Record<string, TrainerMemoryReport> = {};
  for (const way of WAYS) {
    const { estimate } = await found(way, "estimate");
    const { heapBytes, peakBytes } = await found(way, "train");
    if (!estimate) throw new Error("The trainer gave no estimate.");
    const { deviceBytes, hostBytes } = estimate;
    reports[way] = { deviceBytes, hostBytes, heapBytes, peakBytes };
    const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
    log(
      `${way}: device ${mb(heapBytes)}, ${mb(deviceBytes)} foreseen; process grew by ${mb(peakBytes)}, ${mb(deviceBytes + hostBytes)} foreseen`,
    );
  }
  return reports;
}

const found = (way: string, job: "estimate" | "train") =>
  new Promise<TrainerMemory>((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("./trainerChild.ts", import.meta.url)), [way, job]);
    child.on("message", (message) => resolve(message as TrainerMemory));
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the ${job} of ${way} ended with ${code}`)));
  });
