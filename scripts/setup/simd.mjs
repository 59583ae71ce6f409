// @ts-check
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

/** The CPU kernels' sources, in AssemblyScript. */
const SOURCES = join(ROOT, "src/simd/assembly");
/** Where the compiled module lies, for the page's build and for Node alike. */
const BUILT = join(ROOT, "src/simd/built");
export const KERNELS = join(BUILT, "kernels.wasm");

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

/** Compiles the CPU kernels unless the compiled module is that of these very sources. Needs the packages. Throws the
 *  compiler's message. */
export async function ensureSimdKernels() {
  const stamp = join(BUILT, "sources.sha256");
  const sources = hashOfSources();
  if (existsSync(KERNELS) && existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  const { default: asc } = await import("assemblyscript/asc");
  const temporary = `${KERNELS}.${process.pid}`; // two processes may be at it
  mkdirSync(BUILT, { recursive: true });
  const { error, stderr } = await asc.main([join(SOURCES, "index.ts"), "--outFile", temporary, ...OPTIONS]);
  if (error) throw new Error(`the CPU kernels do not compile: ${error.message}\n${stderr.toString()}`);
  renameSync(temporary, KERNELS);
  writeFileSync(stamp, sources);
}

function hashOfSources() {
  const hash = createHash("sha256").update(OPTIONS.join(" "));
  hash.update(readFileSync(join(ROOT, "node_modules/assemblyscript/package.json")));
  for (const name of readdirSync(SOURCES).sort())
    hash.update(`${name}\0`).update(readFileSync(join(SOURCES, name)));
  return hash.digest("hex");
}
