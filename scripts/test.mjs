// @ts-check
/** `npm test`: installs what is missing, then runs all four tiers: node, browser, e2e, python. Words after `--` go to
 *  vitest: `npm test -- test/flow` runs what lies there and leaves the Python part out. STEADYFLOW_SOAK=1 runs the long versions (`npm run soak`).
 *  The counts are left in test-results/summary.json. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureChromium } from "./setup/chromium.mjs";
import { ensureDependencies } from "./setup/dependencies.mjs";
import { requireNode } from "./setup/node-version.mjs";
import { ROOT } from "./setup/root.mjs";
import { runNode, runProgram } from "./setup/run-program.mjs";
import { inWords, say } from "./setup/say.mjs";
import { ensureTorch } from "./setup/torch.mjs";

/** @typedef {{ tier: string, passed: number, failed: number, skipped: number, ms: number, note?: string }} Outcome */

const RESULTS = join(ROOT, "test-results");
const SOAK = process.env.STEADYFLOW_SOAK === "1";
const LIMIT_MS = (SOAK ? 180 : 12) * 60_000; // a tier that hangs is a failed tier

requireNode();
const filters = process.argv.slice(2);
await ensureDependencies();
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });

const outcomes = [await runTier("node", {})];
const chromium = await ensureChromium();
for (const tier of ["browser", "e2e"]) {
  if ("missing" in chromium) {
    say(`${tier} tests are skipped: ${chromium.missing}`);
    outcomes.push({ tier, passed: 0, failed: 0, skipped: 0, ms: 0, note: `not run: ${chromium.missing}` });
  } else {
    outcomes.push(await runTier(tier, { CHROMIUM_PATH: chromium.path }));
  }
}
if (filters.length === 0) outcomes.push(await runPython());
writeFileSync(join(RESULTS, "summary.json"), `${JSON.stringify(outcomes, null, 2)}\n`);
report(outcomes);
process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;

/** @param {string} tier
 *  @param {Record<string, string>} env
 *  @returns {Promise<Outcome>} */
async function runTier(tier, env) {
  say(`running the ${tier} tests …`);
  const file = join(RESULTS, `${tier}.json`);
  const started = Date.now();
  const code = await runNode(
    [
      join(ROOT, "node_modules/vitest/vitest.mjs"),
      "run",
      `--project=${tier}`,
      "--passWithNoTests",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
      ...filters,
    ],
    { output: "inherit", env, limitMs: LIMIT_MS },
  );
  return { tier, ms: Date.now() - started, ...countsOf(file, code) };
}

/** The tests of pretrain/, skipped with the reason where there is no PyTorch.
 *  @returns {Promise<Outcome>} */
async function runPython() {
  const torch = await ensureTorch();
  if ("missing" in torch) {
    say(`python tests are skipped: ${torch.missing}`);
    return { tier: "python", passed: 0, failed: 0, skipped: 0, ms: 0, note: `not run: ${torch.missing}` };
  }
  say("running the python tests …");
  const file = join(RESULTS, "python.json");
  const started = Date.now();
  const code = await runProgram(torch.path, ["-m", "pretrain.tests.run", file], {
    output: "inherit",
    limitMs: LIMIT_MS,
  });
  return { tier: "python", ms: Date.now() - started, ...countsOf(file, code) };
}

/** Counts of one run of a tier. A run that fails without a failed test (a file that does not load, an unhandled error,
 *  a time-out of the whole tier) counts as one failure: nothing may go wrong and look right.
 *  @param {string} file
 *  @param {number} code
 *  @returns {{ passed: number, failed: number, skipped: number, note?: string }} */
function countsOf(file, code) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  try {
    const json = JSON.parse(readFileSync(file, "utf8"));
    passed = json.numPassedTests; // the keys of vitest's report, which pretrain/tests/run.py writes too
    failed = json.numFailedTests;
    skipped = json.numPendingTests + json.numTodoTests;
  } catch {
    return { passed, failed: 1, skipped, note: `ended with exit code ${code} and left no results` };
  }
  if (code !== 0 && failed === 0) {
    return { passed, failed: 1, skipped, note: `ended with exit code ${code} beside its tests` };
  }
  return { passed, failed, skipped };
}

/** @param {readonly Outcome[]} results */
function report(results) {
  process.stdout.write("\nTests in all\n");
  for (const { tier, passed, failed, skipped, ms, note } of results) {
    const skips = skipped > 0 ? `, ${skipped} skipped` : "";
    const why = note === undefined ? "" : `: ${note}`;
    process.stdout.write(`  ${tier.padEnd(8)} ${passed} good, ${failed} bad${skips}, ${inWords(ms)}${why}\n`);
  }
}
