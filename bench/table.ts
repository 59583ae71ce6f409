import type { CpuReport, CpuRow } from "./cpuEngines.ts";
import type { ImagesReport } from "./images.ts";
import type { PageReport } from "./page.ts";
import type { SpeedUp } from "./speedUp.ts";
import type { StepReport } from "./steps.ts";

interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
}

/** What `npm run bench -- --json` leaves. */
export interface BenchReport extends StepReport {
  readonly machine: Machine;
  readonly family: string;
  readonly speedup: { readonly "0.7": Readonly<Record<"guidance1" | "guidanceDefault", SpeedUp>> };
  readonly images: ImagesReport;
  readonly page: PageReport | null;
}

/** What `npm run bench -- --cpu-engines --json` leaves. */
export interface CpuEnginesReport {
  readonly machine: Machine;
  readonly cpuEngines: CpuReport;
}

/** The page of docs/ that says what these two reports found. */
export function benchDocument(report: BenchReport, engines: CpuEnginesReport): string {
  return `${[
    "# Measured speed",
    "",
    `Made by \`npm run bench -- --table\` from [bench/steps.json](bench/steps.json) and [bench/cpu-engines.json](bench/cpu-engines.json): ${machineText(report.machine)}, WebAssembly, medians of alternated rounds (least to most in brackets). Run \`npm run bench\` for your own machine. No figures of a real graphics card yet.`,
    "",
    "## A network evaluation",
    "",
    ...stepTable(report),
    "",
    "## An image",
    "",
    ...imageTable(report),
    "",
    "## Our CPU kernels beside others",
    "",
    ...enginesTable(engines.cpuEngines),
    ...(report.page ? ["", "## In the browser", "", ...pageLines(report.page)] : []),
  ].join("\n")}\n`;
}

const machineText = ({ processor, cores, node }: Machine): string =>
  `${cores} cores of an ${processor}, Node ${node.slice(1)}`;

const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
const spread = ({ medianMs, minMs, maxMs }: { medianMs: number; minMs: number; maxMs: number }): string =>
  `${ms(medianMs)} (${minMs.toFixed(1)}–${maxMs.toFixed(1)})`;
const times = (value: number): string => `${value.toFixed(2)}×`;

function stepTable({ step, costRatio, decode }: BenchReport): string[] {
  const batches = Object.keys(step.light);
  return [
    "One thread, guidance 1, read-back included.",
    "",
    "| Images at once | Light | Heavy | Light ÷ heavy |",
    "|--:|--:|--:|--:|",
    ...batches.map((batch) => {
      const at = Number(batch) as keyof typeof costRatio;
      return `| ${batch} | ${spread(step.light[at])} | ${spread(step.heavy[at])} | ${costRatio[at].toFixed(3)} |`;
    }),
    "",
    `Decoding an image takes ${spread(decode)}.`,
  ];
}

function imageTable({ images, speedup }: BenchReport): string[] {
  const { alone, batched, guidance } = images;
  const rows = Object.entries(alone).map(([name, timing]) => {
    const label = name === "heavy" || name === "light" ? `${name} alone` : `τ = ${name}`;
    return `| ${label} | ${spread(timing)} | ${times(alone.heavy.medianMs / timing.medianMs)} |`;
  });
  const { withoutDecode } = speedup["0.7"].guidance1;
  return [
    `60 points, Euler, guidance ${guidance}, one thread, decoding included.`,
    "",
    "| Drawn by | Time | Faster than heavy |",
    "|---|--:|--:|",
    ...rows,
    "",
    `Steps alone at τ = 0.7 and guidance 1: ${times(withoutDecode.measured)} at batch 1 (${times(withoutDecode.predicted)} predicted from the step costs); of 16 images side by side at guidance ${guidance}: ${times(batched.heavy.medianMs / batched["0.7"].medianMs)}.`,
  ];
}

function enginesTable({ onnxRuntime, rows, pytorch }: CpuReport): string[] {
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
  ];
}

function pageLines({ firstImageMs, firstImageBytes, images, ms: total, longTasks }: PageReport): string[] {
  return [
    `Headless Chromium, WebAssembly on two threads: the first image is there ${(firstImageMs.cold / 1000).toFixed(1)} s after navigation with nothing cached (${(firstImageBytes / 1e6).toFixed(1)} MB transferred until then, uncompressed), ${(firstImageMs.warm / 1000).toFixed(1)} s on the next visit. ${images} coarse-to-fine images take ${(total / 1000).toFixed(1)} s, with ${longTasks.count} main-thread tasks over 50 ms.`,
  ];
}
