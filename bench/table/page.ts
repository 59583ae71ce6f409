import type { Download } from "../download.ts";
import type { PageReport } from "../page.ts";
import { megabytes } from "./words.ts";

/** What a visitor waits for and fetches. */
export function pageLines(
  { firstImageMs, images, ms, longTasks }: PageReport,
  download: Download | null,
): string[] {
  return [
    `Headless Chromium, WebAssembly on two threads: the first image is there ${seconds(firstImageMs.cold)} after navigation with nothing cached, ${seconds(firstImageMs.warm)} on the next visit. ${images} coarse-to-fine images take ${seconds(ms)}, with ${longTasks.count} main-thread tasks over 50 ms.`,
    ...(download ? ["", ...downloadLines(download)] : []),
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function downloadLines({ code, wasm, weights, other, uncompressed, underWay }: Download): string[] {
  const late =
    underWay > 0
      ? ` Files of ${megabytes(underWay)} had been asked for and were not there yet; they are in none of the figures.`
      : "";
  return [
    `Until its first image a first visit transfers ${megabytes(code + wasm + weights + other)} from a server that compresses all but weights, ${megabytes(uncompressed)} from one that compresses nothing.${late}`,
    "",
    "| Weights | Code | WebAssembly | Other |",
    "|--:|--:|--:|--:|",
    `| ${[weights, code, wasm, other].map(kilobytes).join(" | ")} |`,
  ];
}

const kilobytes = (bytes: number): string => `${(bytes / 1e3).toFixed(0)} kB`;
