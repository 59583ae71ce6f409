// @ts-check
/** Writes public/models/manifest.json from each family's family.json and weights (see scripts/manifest/), and the table of
 *  networks in each family's model card, unless a budget is exceeded or a metric makes no sense; then it says so and leaves
 *  everything as it was.
 *  usage: node scripts/make-manifest.mjs [--check] [--root DIR]   (--check: writes nothing; exit 1 also when the manifest
 *  on disk differs, for instance because a file has another hash) */
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { overBudget } from "./manifest/budget.mjs";
import { wrongMetrics } from "./manifest/metrics.mjs";
import { withNetworks } from "./manifest/modelCard.mjs";
import { readFamily } from "./manifest/readFamily.mjs";

const { values: options } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    root: { type: "string", default: join(import.meta.dirname, "../public/models") },
  },
});
const root = resolve(options.root);
const target = join(root, "manifest.json");

/** @returns {string[]} what is wrong */
function run() {
  const names = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "family.json")))
    .map((entry) => entry.name)
    .sort();
  const families = names.map((name) => readFamily(root, name));
  const problems = families.flatMap((family) => [...overBudget(family), ...wrongMetrics(family)]);
  if (problems.length > 0) return problems;
  const written = [
    { path: target, text: `${JSON.stringify({ format: 1, families }, null, 2)}\n` },
    ...families.flatMap((family) => cardOf(family)),
  ].filter(({ path, text }) => !existsSync(path) || readFileSync(path, "utf8") !== text);
  if (options.check) {
    const stale = written.map(({ path }) => relative(root, path));
    return stale.map((path) => `public/models/${path} is out of date: run node scripts/make-manifest.mjs`);
  }
  for (const { path, text } of written) {
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path); // whole or as it was
  }
  return [];
}

/** The family's model card, if it has one here.
 *  @param {ReturnType<typeof readFamily>} family */
function cardOf(family) {
  const path = join(root, family.name, "README.md");
  return existsSync(path) ? [{ path, text: withNetworks(readFileSync(path, "utf8"), family) }] : [];
}

try {
  for (const problem of run()) {
    console.error(problem);
    process.exitCode = 1;
  }
} catch (cause) {
  console.error(cause instanceof Error ? cause.message : String(cause));
  process.exitCode = 1;
}
