// @ts-check
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "./root.mjs";
import { runNode } from "./run-program.mjs";
import { inWords, say } from "./say.mjs";
import { ensureSimdKernels } from "./simd.mjs";

/** What the build reads. A change of content in any of these makes a new build. */
const SOURCES = ["index.html", "package.json", "package-lock.json", "vite.config.ts", "src", "public"];

/** The folder that holds the built page. */
export const DIST = join(ROOT, "dist");

/** Builds the page into dist/ unless dist/ already holds the build of these very sources; ends the process with a
 *  sentence when the build fails. Needs the packages. */
export async function ensureBuild() {
  await ensureSimdKernels();
  const stamp = join(DIST, ".build-stamp"); // inside dist/: any other build empties the folder and the stamp with it
  const sources = hashOfTree(ROOT, SOURCES);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources && existsSync(join(DIST, "index.html")))
    return;
  say("building the page …");
  const started = Date.now();
  const code = await runNode([join(ROOT, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"], {
    env: { NODE_ENV: "production" }, // vitest says "test", and React would be its slow development self
  });
  if (code !== 0) {
    say(`the build failed (exit code ${code}); vite's message stands above.`);
    process.exit(1);
  }
  writeFileSync(stamp, sources);
  say(`built in ${inWords(Date.now() - started)}.`);
}

/** sha256 over names and contents of all files under `paths`, in an order that does not depend on the machine.
 *  @param {string} root
 *  @param {readonly string[]} paths
 *  @returns {string} */
export function hashOfTree(root, paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => filesUnder(join(root, path))).sort()) {
    hash.update(`${relative(root, file).replaceAll("\\", "/")}\0${statSync(file).size}\0`);
    hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** @param {string} path
 *  @returns {string[]} */
function filesUnder(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
}
