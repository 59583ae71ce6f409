import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Imports that a file may not have: "CLAIM, in FILE, of NAME". What is imported exists, so that nothing but the direction is
 *  wrong. */
const IMPORTS: readonly (readonly [claim: string, file: string, name: string])[] = [
  ["a relative import upwards", "src/flow/relative.ts", "../models/a.ts"],
  ["an import upwards by its # name", "src/flow/alias.ts", "#models/a.ts"],
  ["a leaf that imports another leaf", "src/bytes/leaf.ts", "#images/a.ts"],
  ["workers that import state", "src/workers/up.ts", "#state/a.ts"],
  ["state that imports the engine", "src/state/engine.ts", "#workers/a.ts"],
  ["the page's planning in the engine", "src/workers/plan.ts", "#compare/a.ts"],
  ["planning that imports a tensor's folder", "src/compare/kernel.ts", "#kernels/a.ts"],
  ["metrics that import planning", "src/metrics/up.ts", "#compare/a.ts"],
  ["state that imports ui", "src/state/up.ts", "#ui/a.ts"],
  ["ui that starts the worker's client itself", "src/ui/client.ts", "#workers/client.ts"],
  ["the client that pulls the engine into the page", "src/workers/client.ts", "./a.ts"],
  ["the measuring client that pulls its worker into the page", "src/workers/measureClient.ts", "./a.ts"],
  ["data sets that import a worker", "src/datasets/up.ts", "#workers/a.ts"],
  ["tensors among data sets", "src/datasets/tensor.ts", "@tensorflow/tfjs-core"],
  ["the pictures' client that pulls its worker into the page", "src/workers/picturesClient.ts", "./a.ts"],
  ["scoring that imports training", "src/scoring/up.ts", "#training/a.ts"],
  ["own models that import a worker", "src/library/up.ts", "#workers/a.ts"],
  ["tensors among own models", "src/library/tensor.ts", "@tensorflow/tfjs-core"],
  ["a page that reads checkpoints by way of own models", "src/ui/files.ts", "#library/a.ts"],
  ["the library's client that pulls its worker into the page", "src/workers/libraryClient.ts", "./a.ts"],
  ["training that imports a worker", "src/training/up.ts", "#workers/a.ts"],
  ["runs that import a training loop", "src/runs/up.ts", "#training/a.ts"],
  ["the trainer's client that pulls its worker into the page", "src/workers/trainerClient.ts", "./a.ts"],
  ["byte files that know who keeps them", "src/files/up.ts", "#runs/a.ts"],
  ["tensors in runs", "src/runs/tensor.ts", "@tensorflow/tfjs-core"],
  ["tensors in metrics", "src/metrics/tensor.ts", "@tensorflow/tfjs-core"],
  ["tensors among the CPU kernels", "src/simd/tensor.ts", "@tensorflow/tfjs-core"],
  ["CPU kernels that know a network", "src/simd/up.ts", "#models/a.ts"],
  ["tensors among the GPU kernels", "src/gpu/tensor.ts", "@tensorflow/tfjs-core"],
  ["GPU kernels that know a network", "src/gpu/up.ts", "#models/a.ts"],
  ["tensors in state", "src/state/tensor.ts", "@tensorflow/tfjs-core"],
  ["tensors in ui", "src/ui/tensor.ts", "@tensorflow/tfjs-core"],
  ["React below ui", "src/state/react.ts", "react"],
  ["a store below state", "src/workers/store.ts", "zustand/vanilla"],
];

const importing = (name: string) => `import { a } from "${name}";\nexport const b = a;\n`;

/** Files that break one rule each, and the rule. */
const VIOLATIONS: readonly (readonly [claim: string, file: string, rule: string, source: string])[] = [
  ...IMPORTS.map(([claim, file, name]) => [claim, file, "noRestrictedImports", importing(name)] as const),
  [
    "a type-only import upwards",
    "src/kernels/typed.ts",
    "noRestrictedImports",
    `import type { A } from "#workers/a.ts";\nexport type B = A;\n`,
  ],
  [
    "export … from upwards",
    "src/images/from.ts",
    "noRestrictedImports",
    `export { a } from "#state/a.ts";\n`,
  ],
  ["export * upwards", "src/models/star.ts", "noRestrictedImports", `export * from "#checkpoints/a.ts";\n`],
  [
    "a dynamic import upwards",
    "src/checkpoints/dynamic.ts",
    "noRestrictedImports",
    `export const b = () => import("#workers/a.ts");\n`,
  ],
  [
    "a backend in a kernel",
    "src/kernels/backend.ts",
    "noRestrictedImports",
    `import "@tensorflow/tfjs-backend-wasm";\n`,
  ],
  [
    "a cycle",
    "src/models/cycle.ts",
    "noImportCycles",
    `import { c } from "./cycleBack.ts";\nexport const b = () => c;\n`,
  ],
  [
    "the cycle's other half",
    "src/models/cycleBack.ts",
    "noImportCycles",
    `import { b } from "./cycle.ts";\nexport const c = () => b;\n`,
  ],
  [
    "a worker started outside client.ts",
    "src/state/worker.ts",
    "noRestrictedGlobals",
    `export const b = () => new Worker("w.js");\n`,
  ],
  [
    "document below ui",
    "src/workers/document.ts",
    "noRestrictedGlobals",
    `export const b = () => document.title;\n`,
  ],
  [
    "window below ui",
    "src/state/window.ts",
    "noRestrictedGlobals",
    `export const b = () => window.innerWidth;\n`,
  ],
  ["fetch in a leaf", "src/flow/fetch.ts", "noRestrictedGlobals", `export const b = () => fetch("x");\n`],
  [
    "a barrel file",
    "src/ui/index.ts",
    "noBarrelFile",
    `export { a } from "./a.ts";\nexport { d } from "./d.ts";\n`,
  ],
  [
    "an import without its extension",
    "src/models/extension.ts",
    "useImportExtensions",
    `import { a } from "./a";\nexport const b = a;\n`,
  ],
  [
    "a promise that nobody awaits",
    "src/models/floating.ts",
    "noFloatingPromises",
    `const later = async (): Promise<void> => {};\nexport function b(): void {\n  later();\n}\n`,
  ],
  ["any", "src/models/any.ts", "noExplicitAny", `export const b = (x: any): number => x;\n`],
];

/** Files that use what their folder may use, each from other places. */
const ALLOWED: readonly (readonly [file: string, source: string])[] = [
  ["src/flow/solvers/ok.ts", `import { a } from "#flow/a.ts";\nexport const b = a;\n`],
  ["src/flow/core.ts", `import { tensor } from "@tensorflow/tfjs-core";\nexport const b = tensor;\n`],
  [
    "src/models/ok.ts",
    `import { a } from "#flow/a.ts";\nimport { a as k } from "#kernels/a.ts";\nimport { a as s } from "#simd/a.ts";\nimport { a as g } from "#gpu/a.ts";\nexport const b = [a, k, s, g];\n`,
  ],
  [
    "src/checkpoints/ok.ts",
    `import { a } from "#models/a.ts";\nimport { a as y } from "#bytes/a.ts";\nexport const b = [a, y];\n`,
  ],
  [
    "src/workers/ok.ts",
    `import { a } from "#checkpoints/a.ts";\nimport { a as i } from "#images/a.ts";\nexport const b = [a, i];\n`,
  ],
  [
    "src/state/ok.ts",
    `import { a } from "#images/a.ts";\nimport type { P } from "#workers/protocol.ts";\nexport const b: P = a;\n`,
  ],
  [
    "src/datasets/ok.ts",
    `import { a } from "#images/a.ts";\nimport { a as y } from "#bytes/a.ts";\nexport const b = [a, y];\n`,
  ],
  [
    "src/scoring/ok.ts",
    `import { a } from "#models/a.ts";\nimport { a as f } from "#flow/a.ts";\nexport const b = [a, f];\n`,
  ],
  [
    "src/training/ok.ts",
    `import { a } from "#scoring/a.ts";\nimport { a as c } from "#checkpoints/a.ts";\nimport { a as g } from "#gpu/a.ts";\nexport const b = [a, c, g];\n`,
  ],
  [
    "src/library/ok.ts",
    `import { a } from "#checkpoints/a.ts";\nimport { a as m } from "#models/a.ts";\nexport const b = [a, m];\n`,
  ],
  [
    "src/compare/ok.ts",
    `import { a } from "#metrics/a.ts";\nimport { a as i } from "#images/a.ts";\nexport const b = [a, i];\n`,
  ],
  [
    "src/ui/ok.ts",
    `import { a } from "#state/a.ts";\nexport const b = () => [a, document.title, window.innerWidth];\n`,
  ],
];

const FOLDERS = [
  "bytes",
  "flow",
  "kernels",
  "gpu",
  "simd",
  "images",
  "datasets",
  "models",
  "checkpoints",
  "library",
  "metrics",
  "compare",
  "scoring",
  "training",
  "files",
  "runs",
  "workers",
  "state",
  "ui",
];

interface Finding {
  readonly file: string;
  readonly rule: string;
}

describe("import directions", () => {
  let folder = "";
  let findings: readonly Finding[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steadyflow-architecture-"));
    await cp(join(ROOT, "biome.json"), join(folder, "biome.json"));
    await cp(join(ROOT, "package.json"), join(folder, "package.json"));
    await writeFile(join(folder, ".gitignore"), "node_modules\n");
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
    const exists = `export const a = 1;\nexport type A = number;\n`;
    await Promise.all([
      ...FOLDERS.map((name) => writeSource(folder, `src/${name}/a.ts`, exists)),
      writeSource(folder, "src/ui/d.ts", "export const d = 1;\n"),
      writeSource(folder, "src/workers/protocol.ts", "export type P = number;\n"),
      ...VIOLATIONS.map(([, file, , source]) => writeSource(folder, file, source)),
      ...ALLOWED.map(([file, source]) => writeSource(folder, file, source)),
    ]);
    findings = await lint(folder);
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(VIOLATIONS)("%s is found", (_claim, file, rule) => {
    expect(findings.filter((finding) => finding.file === file).map((finding) => finding.rule)).toContain(
      rule,
    );
  });

  test("nothing else is found: what a folder may use passes", () => {
    const broken = new Set(VIOLATIONS.map(([, file]) => file));
    expect(findings.filter(({ file }) => !broken.has(file))).toEqual([]);
  });
});

describe("this project", () => {
  test("has no src folder without a rule of its own", async () => {
    const entries = await readdir(join(ROOT, "src"), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(folders.filter((name) => !FOLDERS.includes(name))).toEqual([]);
  });

  test("casts nothing through unknown and silences no compiler error", async () => {
    const names = await readdir(join(ROOT, "src"), { recursive: true });
    const sources = names.filter((name) => /\.tsx?$/.test(name));
    const texts = await Promise.all(sources.map((name) => readFile(join(ROOT, "src", name), "utf8")));
    const guilty = sources.filter((_, i) =>
      /as unknown as|@ts-(ignore|nocheck|expect-error)/.test(texts[i] ?? ""),
    );
    expect(sources.length).toBeGreaterThan(0);
    expect(guilty).toEqual([]);
  });

  test("keeps the tensor library out of the page: no value import leads from main.tsx to it", async () => {
    const reached = await valueImports(join(ROOT, "src/ui/main.tsx"));
    expect([...reached.packages].filter((name) => name.startsWith("@tensorflow/"))).toEqual([]);
    expect(reached.files.size).toBeGreaterThan(1);
  });

  test("keeps the tensor library out of the worker that reads and writes models", async () => {
    const reached = await valueImports(join(ROOT, "src/workers/library.worker.ts"));
    expect([...reached.packages].sort()).toEqual(["fflate", "idb", "valibot"]);
  });

  test("keeps the tensor library out of the pictures worker", async () => {
    const reached = await valueImports(join(ROOT, "src/workers/pictures.worker.ts"));
    expect([...reached.packages].filter((name) => /^(@tensorflow|react|zustand)/.test(name))).toEqual([]);
    expect(reached.files.size).toBeGreaterThan(20);
  });

  test("fetches what draws avatars with the first drawing only: nothing else imports it", async () => {
    const drawers = await valueImports(join(ROOT, "src/datasets/drawn/drawer.ts"));
    expect([...drawers.packages].filter((name) => name.startsWith("@dicebear/")).length).toBe(4);
    const atOnce = await valueImports(join(ROOT, "src/workers/pictures.ts"));
    expect([...atOnce.packages].filter((name) => /^@(dicebear|resvg)/.test(name))).toEqual([]);
  });

  test("keeps the tensor library and every other package out of the measuring worker", async () => {
    const reached = await valueImports(join(ROOT, "src/workers/measure.worker.ts"));
    expect([...reached.packages]).toEqual([]);
    expect(reached.files.size).toBeGreaterThan(5);
  });
});

async function writeSource(folder: string, file: string, source: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), source);
}

/** What Biome finds in a folder with the project's own rules, as file and last part of the rule's name. */
async function lint(folder: string): Promise<readonly Finding[]> {
  const biome = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
  const args = [biome, "lint", "--reporter=json", "--max-diagnostics=none", "."];
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (_error, out) => resolve(out)); // exit code 1: it found something
  });
  const report = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: unknown } }[] };
  return report.diagnostics.map(({ category, location }) => ({
    file: pathOf(location.path),
    rule: category.split("/").at(-1) ?? category,
  }));
}

/** Biome writes a path as a string or as { file }, depending on its version. */
function pathOf(path: unknown): string {
  if (typeof path === "string") return path;
  if (typeof path === "object" && path !== null && "file" in path) return String(path.file);
  return "";
}

/** Files of ours and packages that stay in the bundle when `entry` is built: everything but `import type`. */
async function valueImports(entry: string): Promise<{ files: Set<string>; packages: Set<string> }> {
  const files = new Set<string>();
  const packages = new Set<string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const source = await readFile(file, "utf8");
    const found = source.matchAll(
      /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm,
    );
    for (const match of found) {
      const name = match[1] ?? match[2] ?? "";
      if (name.startsWith("#")) queue.push(join(ROOT, "src", name.slice(1)));
      else if (name.startsWith(".")) {
        if (/\.tsx?$/.test(name)) queue.push(join(dirname(file), name));
      } else packages.add(name);
    }
  }
  return { files, packages };
}
