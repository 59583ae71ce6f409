import type { CpuReport, CpuRow } from "../cpuEngines.ts";
import type { EngineMemory, MemoryReport } from "../memory.ts";
import { megabytes, spread, times } from "./words.ts";

/** Our CPU kernels beside others: times, then memory where it has been measured. */
export function cpuEngineLines(
  { onnxRuntime, rows, pytorch }: CpuReport,
  memory: MemoryReport | null,
): string[] {
  const row = ({ model, batch, threads, own, onnx, plain }: CpuRow): string => {
    const torch = threads === 1 && pytorch?.rows.find((r) => r.model === model && r.batch === batch);
    return `| ${model} | ${batch} | ${threads} | ${spread(own)} | ${times(onnx.medianMs / own.medianMs)} | ${plain ? times(plain.medianMs / own.medianMs) : ""} | ${torch ? times(torch.medianMs / own.medianMs) : ""} |`;
  };
  const worst = rows.reduce((most, { difference }) => Math.max(most, difference), 0);
  return [
    `The shipped networks, one evaluation with the modulations of its time and label at hand. Onnxruntime-web ${onnxRuntime} (WebAssembly) runs the same graph made from config and weights; tfjs is the composition of its own ops; PyTorch ${pytorch?.torch ?? ""} is eager float32 as Debian builds it, without a fast BLAS. Velocities differ by ${worst.toExponential(0)} at most.`,
    "",
    "| Network | Batch | Threads | Ours | onnxruntime-web takes | tfjs takes | PyTorch takes |",
    "|---|--:|--:|--:|--:|--:|--:|",
    ...rows.map(row),
    ...(memory ? ["", ...memoryLines(memory)] : []),
  ];
}

function memoryLines({ rows }: MemoryReport): string[] {
  const words = ({ wasmBytes, residentBytes }: EngineMemory): string =>
    `${megabytes(wasmBytes)} (${megabytes(residentBytes)})`;
  return [
    "Memory that each needs for it on one thread: its WebAssembly memories, which never shrink, and in brackets by how much the process grows from before the engine is loaded, the weights being in it already (for onnxruntime-web the file of the graph comes on top). Each is measured in a process of its own.",
    "",
    "| Network | Batch | Ours | onnxruntime-web | tfjs |",
    "|---|--:|--:|--:|--:|",
    ...rows.map(
      ({ model, batch, engines: { own, onnx, plain } }) =>
        `| ${model} | ${batch} | ${words(own)} | ${words(onnx)} | ${words(plain)} |`,
    ),
  ];
}
