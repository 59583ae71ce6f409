import { unzipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { axisOf } from "#compare/values.ts";
import { decodePng } from "#images/pngPixels.ts";
import { settingsFromPng } from "#images/settings.ts";
import { meanSquaredError, peakSignalToNoise } from "#metrics/pixelError.ts";
import { structuralSimilarity } from "#metrics/structuralSimilarity.ts";
import { csvOf } from "#state/compare/export/csv.ts";
import { fixedWords } from "#state/compare/export/sheet.ts";
import { LINK, openComparisons } from "./openComparisons.ts";

type Opened = Awaited<ReturnType<typeof openComparisons>>;
let t: Opened;
beforeAll(async () => {
  t = await openComparisons({ hash: `${LINK}&reference=2.1.1` });
  await t.settled();
}, 60_000);

const saved = async (extension: string) => {
  const file = t.files.find(({ name }) => name.endsWith(extension));
  return new Uint8Array((await file?.contents.arrayBuffer()) ?? new ArrayBuffer(0));
};

/** Rows of a table without quoted fields, by the names in its first line. */
function tableOf(csv: string): readonly Readonly<Record<string, string>>[] {
  const [names = [], ...rows] = csv
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ""])));
}

function pixelsIn(png: Uint8Array | undefined) {
  const decoded = decodePng(png ?? new Uint8Array());
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value;
}

describe("the zip", () => {
  let files: Readonly<Record<string, Uint8Array>> = {};
  beforeAll(async () => {
    t.comparisons.exportZip();
    await t.settled();
    files = unzipSync(await saved(".zip"));
  });

  test("has a PNG of every cell, the table, and the JSON", () => {
    const names = Object.keys(files);
    expect(names.filter((name) => name.endsWith(".png")).length).toBe(6);
    expect(names).toContain("steadyflow-comparison.csv");
    expect(names).toContain("steadyflow-comparison.json");
    expect(names[0]).toMatch(/^r01-c01-one-0001-c2f-0\.png$/);
  });

  test("every PNG carries its own settings, also where two cells share a picture", () => {
    for (const row of tableOf(new TextDecoder().decode(files["steadyflow-comparison.csv"]))) {
      const settings = settingsFromPng(files[row.file] ?? new Uint8Array());
      expect(settings).toMatchObject({
        ok: true,
        value: {
          seed: Number(row.seed),
          model: row.model,
          tau: Number(row.tau),
          sha256: row.sha256,
          nfe: { light: Number(row.nfe_light), heavy: Number(row.nfe_heavy) },
        },
      });
    }
  });

  test("the table's PSNR and SSIM are those of its PNGs", () => {
    const rows = tableOf(new TextDecoder().decode(files["steadyflow-comparison.csv"]));
    expect(rows.length).toBe(6);
    for (const row of rows) {
      const [a, b] = [row.file, row.reference_file].map((name) => pixelsIn(files[name ?? ""]));
      if (!a || !b) throw new Error("a picture is missing");
      const psnr = peakSignalToNoise(meanSquaredError(b, a));
      expect(row.psnr).toBe(psnr === null ? "inf" : String(psnr));
      expect(Number(row.ssim)).toBeCloseTo(structuralSimilarity(b, a), 12);
    }
    expect(rows.filter(({ psnr }) => psnr === "inf").length).toBe(2);
  });
});

test("the JSON says where trajectories part, what each setting keeps, and the link that makes it again", async () => {
  t.comparisons.exportJson();
  const json = JSON.parse(new TextDecoder().decode(await saved(".json")));
  expect(json).toMatchObject({
    version: 1,
    link: `https://example.org/${t.address()}`,
    axes: {
      rows: { name: "tau", values: [0, 0.5, 1] },
      columns: { titles: ["seed 1", "seed 2"] },
      panels: null,
    },
    reference: { row: 2, column: 1, panel: 1 },
    evaluations: { planned: { light: 16, heavy: 24 } },
  });
  expect(json.cells.length).toBe(6);
  expect(json.cells[2]).toMatchObject({ name: "seed 1, τ 0.5, coarse-to-fine", psnr: null, mse: 0, ssim: 1 });
  expect(json.cells[0].along.t.length).toBe(8);
  expect(json.lines.length).toBe(3);
});

test("the sheet shows every picture, frames the reference, and names rows, columns and what is the same", async () => {
  t.comparisons.exportPng();
  await t.settled();
  const [sheet] = t.sheets;
  expect(sheet?.pictures.length).toBe(6);
  expect(sheet?.frames.filter(({ stroke }) => stroke).length).toBe(1);
  const words = sheet?.texts.map(({ text }) => text) ?? [];
  for (const wanted of ["τ 0", "τ 0.5", "τ 1", "seed 1", "seed 2", fixedWords(t.now().settings)])
    expect(words).toContain(wanted);
  expect(words.some((text) => text.includes("40 evaluations instead of 48"))).toBe(true);
  for (const { x, y, pixels, scale } of sheet?.pictures ?? []) {
    expect(x + pixels.width * scale).toBeLessThanOrEqual(sheet?.width ?? 0);
    expect(y + pixels.height * scale).toBeLessThanOrEqual(sheet?.height ?? 0);
  }
  expect(t.files.some(({ name }) => name === "steadyflow-comparison.png")).toBe(true);
});

test("the sheet has the whole link, marks the reference's row, and tells intervals", async () => {
  const four = await openComparisons({ hash: `${LINK.replace("seed:1-2", "seed:1-4")}&reference=2.1.1` });
  await four.settled();
  four.comparisons.exportPng();
  await four.settled();
  const texts = four.sheets[0]?.texts ?? [];
  expect(texts.map(({ text }) => text).join("")).toContain(`https://example.org/${four.address()}`);
  expect(texts.filter(({ text, bold }) => bold && text.startsWith("τ")).map(({ text }) => text)).toEqual([
    "τ 0.5",
  ]);
  expect(texts.some(({ text }) => text.includes("_"))).toBe(false);
  const intervals = texts.filter(({ text }) => /^−?\d\.\d\d … −?\d\.\d\d$/.test(text));
  expect(intervals.length).toBe(3);
  for (const { x, y } of texts) {
    expect(x).toBeLessThan(four.sheets[0]?.width ?? 0);
    expect(y).toBeLessThan(four.sheets[0]?.height ?? 0);
  }
});

test("lines of seeds that are columns have their similarities below them", async () => {
  const t = await openComparisons({
    hash: LINK.replace("rows=tau:0,0.5,1&columns=seed:1-2", "columns=tau:0,0.5,1&rows=seed:1-4"),
  });
  await t.settled();
  t.comparisons.exportPng();
  await t.settled();
  const [sheet] = t.sheets;
  const lowest = Math.max(
    ...(sheet?.pictures ?? []).map(({ y, pixels, scale }) => y + pixels.height * scale),
  );
  const figures = sheet?.texts
    .filter(({ text }) => /^−?\d\.\d{3}$/.test(text))
    .filter(({ y }) => y > lowest + 20);
  expect(figures?.length).toBe(3);
});

test("what is the same for all cells leaves out what changes", () => {
  const { settings } = t.now();
  expect(fixedWords(settings)).toBe("one · coarse-to-fine · 9 steps · Euler · guidance 1.5");
  expect(fixedWords({ ...settings, rows: axisOf("class", "one"), panels: axisOf("solver", "heun") })).toBe(
    "coarse-to-fine · τ 0.7 · 9 steps · guidance 1.5",
  );
});

test("a link that is copied is the one in the address", async () => {
  t.comparisons.copyLink();
  await t.settled();
  expect(t.copied).toEqual([`https://example.org/${t.address()}`]);
});

test("cells that are not drawn have empty fields in the table", () => {
  for (const row of tableOf(csvOf({ ...t.now(), drawings: {}, numbers: [] })))
    expect([row.file, row.reference_file, row.psnr, row.ssim, row.sha256]).toEqual(["", "", "", "", ""]);
});
