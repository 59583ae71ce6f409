// @ts-check
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

/** The CPU kernels' sources, in AssemblyScript. */
const SOURCES = join(ROOT, "src/simd/assembly");
/** Where the compiled modules lie, for the page's build and for Node alike. */
const BUILT = join(ROOT, "src/simd/built");

/** Plain SIMD: its sums have the same bits on every machine. */
const OPTIONS = [
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--enable",
  "simd",
  "--disableWarning",
];
/** The same twice: a module takes either a memory of its own or one that threads share. */
const MODULES = {
  "kernels.wasm": [],
  "kernels-shared.wasm": [
    "--enable",
    "threads",
    "--sharedMemory",
    "--initialMemory",
    "1",
    "--maximumMemory",
    "16384",
  ],
};

/** Compiles the CPU kernels unless the compiled modules are those of these very sources. Needs the packages. Throws the
 *  compiler's message. */
export async function ensureSimdKernels() {
  const stamp = join(BUILT, "sources.sha256");
  const sources = hashOfSources();
  const files = [...Object.keys(MODULES).map((name) => join(BUILT, name)), stamp];
  if (files.every((file) => existsSync(file)) && readFileSync(stamp, "utf8") === sources) return;
  const { default: asc } = await import("assemblyscript/asc");
  mkdirSync(BUILT, { recursive: true });
  for (const [name, more] of Object.entries(MODULES)) {
    const temporary = join(BUILT, `${name}.${process.pid}`); // two processes may be at it
    const { error, stderr } = await asc.main([
      join(SOURCES, "index.ts"),
      "--outFile",
      temporary,
      ...OPTIONS,
      ...more,
    ]);
    if (error) throw new Error(`the CPU kernels do not compile: ${error.message}\n${stderr.toString()}`);
    renameSync(temporary, join(BUILT, name));
  }
  writeFileSync(stamp, sources);
}

function hashOfSources() {
  const hash = createHash("sha256").update(JSON.stringify([OPTIONS, MODULES]));
  hash.update(readFileSync(join(ROOT, "node_modules/assemblyscript/package.json")));
  for (const name of readdirSync(SOURCES).sort())
    hash.update(`${name}\0`).update(readFileSync(join(SOURCES, name)));
  return hash.digest("hex");
}
