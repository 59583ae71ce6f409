// @ts-check
/** `node scripts/count-tests.mjs STATUS`: prints `PASSED FAILED` of the last `npm test`, which ended with STATUS. A run
 *  that left no counts, or a tier that could not run, is a failure: CI must not look green for lack of a browser. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./setup/root.mjs";

const status = Number(process.argv[2] ?? 0);
const summary = join(ROOT, "test-results/summary.json");
/** @type {{ passed: number, failed: number, note?: string }[]} */
const tiers = existsSync(summary) ? JSON.parse(readFileSync(summary, "utf8")) : [];
const passed = tiers.reduce((sum, tier) => sum + tier.passed, 0);
const notRun = tiers.filter((tier) => tier.failed === 0 && tier.note !== undefined).length;
const failed = tiers.reduce((sum, tier) => sum + tier.failed, 0) + notRun;
process.stdout.write(`${passed} ${failed === 0 && (status !== 0 || tiers.length === 0) ? 1 : failed}\n`);
