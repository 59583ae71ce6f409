import type { Results } from "../scripts/results/schema.ts";
import type { CpuReport } from "./cpuEngines.ts";
import type { Download } from "./download.ts";
import type { ImagesReport } from "./images.ts";
import type { MemoryReport } from "./memory.ts";
import type { PageReport } from "./page.ts";
import type { SpeedUp } from "./speedUp.ts";
import type { StepReport } from "./steps.ts";
import { cpuEngineLines } from "./table/cpuEngines.ts";
import { evaluationLines } from "./table/evaluations.ts";
import { imageLines } from "./table/images.ts";
import { pageLines } from "./table/page.ts";
import { webgpuLines } from "./table/webgpu.ts";
import type { WebgpuReport } from "./webgpu.ts";

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

/** What the runs of the bench have left in docs/bench/, by the names of the files; null where one has not been made. */
export interface BenchReports {
  readonly steps: BenchReport;
  /** `--cpu-engines` */
  readonly "cpu-engines": { readonly cpuEngines: CpuReport };
  /** `--memory` */
  readonly memory: { readonly memory: MemoryReport } | null;
  /** `--webgpu` */
  readonly webgpu: { readonly webgpu: WebgpuReport } | null;
  /** `--download` */
  readonly download: { readonly download: Download } | null;
}

/** The page of docs/ that says what the bench has found; `results` is docs/results.json, where that is there. */
export function benchDocument(reports: BenchReports, results: Results | null): string {
  const { steps, memory, webgpu, download } = reports;
  const files = Object.entries(reports).flatMap(([name, report]) =>
    report === null ? [] : [`[bench/${name}.json](bench/${name}.json)`],
  );
  const real = webgpu !== null && !webgpu.webgpu.software;
  return `${[
    "# Measured speed",
    "",
    `Made by \`npm run bench -- --table\` from ${files.slice(0, -1).join(", ")} and ${files.at(-1)}: ${machineText(steps.machine)}, WebAssembly unless it says otherwise, medians of alternated rounds (least to most in brackets). Run \`npm run bench\` for your own machine.${real ? "" : " No times of a real graphics card yet."}`,
    "",
    "## A network evaluation",
    "",
    ...evaluationLines(steps),
    "",
    "## An image",
    "",
    ...imageLines(steps.family, steps.images, steps.speedup["0.7"].guidance1, results),
    "",
    "## Our CPU kernels beside others",
    "",
    ...cpuEngineLines(reports["cpu-engines"].cpuEngines, memory?.memory ?? null),
    ...(webgpu ? ["", "## Our WebGPU kernels beside others", "", ...webgpuLines(webgpu.webgpu)] : []),
    ...(steps.page
      ? ["", "## In the browser", "", ...pageLines(steps.page, download?.download ?? null)]
      : []),
  ].join("\n")}\n`;
}

const machineText = ({ processor, cores, node }: Machine): string =>
  `${cores} cores of an ${processor}, Node ${node.slice(1)}`;
