import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { readReports, readResults } from "../../bench/reports.ts";
import { type BenchReports, benchDocument } from "../../bench/table.ts";
import type { Outcome, WebgpuReport } from "../../bench/webgpu.ts";
import { RESULTS } from "../../scripts/results/schema.ts";

const { steps, "cpu-engines": engines } = await readReports();
const results = v.parse(
  RESULTS,
  JSON.parse(await readFile(new URL("../fixtures/results.json", import.meta.url), "utf8")),
);

const bare: BenchReports = { steps, "cpu-engines": engines, memory: null, webgpu: null, download: null };
const memory: BenchReports["memory"] = {
  memory: {
    onnxRuntime: "1.2.3",
    rows: [
      {
        model: "heavy",
        batch: 16,
        engines: {
          own: { wasmBytes: 1_000_000, residentBytes: 2_000_000 },
          onnx: { wasmBytes: 3_000_000, residentBytes: 4_000_000 },
          plain: { wasmBytes: 5_000_000, residentBytes: 6_000_000 },
        },
      },
    ],
  },
};
const measured = (dispatches: number, difference: number, movedBytes: number | null = null): Outcome => ({
  kind: "measured",
  dispatches,
  submissions: 1,
  movedBytes,
  heldBytes: 7_000_000,
  peakBytes: 8_000_000,
  difference,
});
/** One row: ours and tfjs's measured, the third as given. */
function onWebgpu(onnx: Outcome, more: Partial<WebgpuReport> = {}): BenchReports["webgpu"] {
  const own = measured(31, 0, 5_200_000);
  const row = {
    model: "light",
    batch: 4,
    engines: { own, plain: measured(215, 2e-6), onnx },
    times: null,
  } as const;
  return {
    webgpu: {
      adapter: "a card",
      software: true,
      chromium: "150",
      onnxRuntime: "1.2.3",
      rows: [row],
      ...more,
    },
  };
}

test("docs/bench.md is what `npm run bench -- --table` makes of the reports beside it", async () => {
  const page = await readFile(new URL("../../docs/bench.md", import.meta.url), "utf8");
  expect(page).toBe(benchDocument(await readReports(), await readResults()));
});

test("a report that has not been made has no section and no link", () => {
  const page = benchDocument(bare, null);
  expect(page).not.toContain("WebGPU kernels");
  expect(page).not.toContain("Memory that each needs");
  expect(page).not.toContain("a first visit transfers");
  expect(page).toContain("from [bench/steps.json](bench/steps.json) and [bench/cpu-engines.json]");
  expect(page).toContain("No times of a real graphics card yet.");
});

test("every row of a table is as wide as its head", () => {
  const timed = { webgpu: { ...whole().webgpu?.webgpu, software: false } } as BenchReports["webgpu"];
  for (const reports of [whole(), { ...whole(), webgpu: timed }]) {
    const tables = benchDocument(reports, results)
      .trimEnd()
      .split("\n\n")
      .filter((part) => part.startsWith("|"));
    expect(tables.length).toBeGreaterThan(5);
    for (const table of tables)
      expect(new Set(table.split("\n").map((row) => row.split(/(?<!\\)\|/).length)).size).toBe(1);
  }
});

test("memory stands beside the engines' times, WebAssembly's first", () => {
  expect(benchDocument({ ...bare, memory }, null)).toContain(
    "| heavy | 16 | 1.0 MB (2.0 MB) | 3.0 MB (4.0 MB) | 5.0 MB (6.0 MB) |",
  );
});

describe("the likeness of coarse-to-fine's pictures", () => {
  test("is that of τ = 0.7, by the recipe of the light model", () => {
    expect(benchDocument(bare, results)).toContain(
      "alike to the heavy model's by s_norm 0.900 (0.882–0.918) with the light model by distil, 0.900",
    );
  });

  test("is said to be missing where nobody has evaluated it, or not at that τ", () => {
    const missing = "(s_norm) is not evaluated yet.";
    expect(benchDocument(bare, null)).toContain(missing);
    const family = results.families["avatars-64"];
    const none = { ...family, coarseToFine: family.coarseToFine.filter(({ tau }) => tau !== 0.7) };
    expect(benchDocument(bare, { ...results, families: { "avatars-64": none } })).toContain(missing);
  });
});

describe("the WebGPU engines", () => {
  test("have a row each with commands, memory and, of ours, bytes moved", () => {
    const page = benchDocument({ ...bare, webgpu: onWebgpu(measured(119, 4e-6)) }, null);
    expect(page).toContain("| light | 4 | ours | 31 | 1 | 7.0 MB (8.0 MB) | 5.2 MB |");
    expect(page).toContain("| light | 4 | tfjs | 215 | 1 | 7.0 MB (8.0 MB) |  |");
    expect(page).toContain("| light | 4 | onnxruntime-web | 119 | 1 | 7.0 MB (8.0 MB) |  |");
    expect(page).toContain("Velocities differ by 4e-6 at most.");
  });

  test("have no times on a software adapter, and it says so", () => {
    const page = benchDocument({ ...bare, webgpu: onWebgpu(measured(119, 4e-6)) }, null);
    expect(page).toContain("Times: not measured: software adapter.");
    expect(page).not.toContain("| Moved | Time |");
    expect(page).toContain("No times of a real graphics card yet.");
  });

  test("have times on a real one", () => {
    const timing = { medianMs: 1.5, minMs: 1.4, maxMs: 2, count: 5 };
    const [row] = onWebgpu(measured(119, 4e-6))?.webgpu.rows ?? [];
    const rows = [{ ...row, times: { own: timing, onnx: { ...timing, medianMs: 3 } } }];
    const webgpu = onWebgpu(measured(119, 4e-6), { software: false, rows });
    const page = benchDocument({ ...bare, webgpu }, null);
    expect(page).toContain("| Moved | Time |");
    expect(page).toContain("| 5.2 MB | 1.5 ms (1.4–2.0) |");
    expect(page).not.toContain("software adapter");
    expect(page).not.toContain("No times of a real graphics card yet.");
  });

  test("that failed or were left out are listed with what they said, in one line", () => {
    const why = "no such shader |\n at all";
    const page = benchDocument({ ...bare, webgpu: onWebgpu({ kind: "failed", why }) }, null);
    expect(page).toContain("- light, batch 4, onnxruntime-web: failed, no such shader \\| at all");
    expect(page).toContain("| light | 4 | onnxruntime-web | failed |  |  |  |");
  });
});

describe("what a first visit transfers", () => {
  test("is told in all, compressed, and by kind", () => {
    const page = benchDocument(whole(), null);
    expect(page).toContain("transfers 6.1 MB from a server that compresses all but weights, 9.9 MB from one");
    expect(page).toContain("| 4400 kB | 1150 kB | 450 kB | 100 kB |");
    expect(page).not.toContain("had been asked for");
  });

  test("tells of files that were still under way", () => {
    const download = { download: { ...whole().download?.download, underWay: 9_800_000 } };
    const page = benchDocument({ ...bare, download: download as BenchReports["download"] }, null);
    expect(page).toContain("Files of 9.8 MB had been asked for and were not there yet");
  });
});

function whole(): BenchReports {
  return {
    ...bare,
    memory,
    webgpu: onWebgpu({ kind: "skipped", why: "too long" }),
    download: {
      download: {
        weights: 4_400_000,
        code: 1_150_000,
        wasm: 450_000,
        other: 100_000,
        uncompressed: 9_900_000,
        underWay: 0,
      },
    },
  };
}
