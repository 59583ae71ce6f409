/** Makes docs/results.md and docs/figures/results-*.svg from docs/results.json and the speed-up of docs/bench/steps.json.
 *  `npm run results [-- --check]`; with --check it writes nothing and fails when they are stale. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import * as v from "valibot";
import type { SpeedUp } from "../bench/speedUp.ts";
import type { MeasuredSpeedUp } from "./results/beside.ts";
import { figuresOf } from "./results/figures.ts";
import { report } from "./results/report.ts";
import { RESULTS } from "./results/schema.ts";

const DOCS = new URL("../docs/", import.meta.url);
const FIGURES = new URL("figures/", DOCS);

/** Words for the terminal, and the end. */
function stop(words: string): never {
  process.stderr.write(`error: ${words}\n`);
  process.exit(2);
}

const source = await readFile(new URL("results.json", DOCS), "utf8").catch(() =>
  stop("there is no docs/results.json; python3 -m pretrain.evaluate writes it"),
);
const parsed = v.safeParse(RESULTS, JSON.parse(source));
if (!parsed.success) {
  const [issue] = parsed.issues;
  stop(`docs/results.json does not fit at ${v.getDotPath(issue) ?? "its top"}: ${issue.message}`);
}
const figures = new Map(
  Object.entries(parsed.output.families).map(([name, family]) => [name, figuresOf(name, family)]),
);
const steps = JSON.parse(await readFile(new URL("bench/steps.json", DOCS), "utf8").catch(() => "null"));
const speedUps = new Map<string, MeasuredSpeedUp[]>();
if (steps) {
  const { guidance1, guidanceDefault } = steps.speedup["0.7"];
  const measured = ({ guidance, withoutDecode }: SpeedUp) => ({ guidance, times: withoutDecode.measured });
  speedUps.set(steps.family, [guidance1, guidanceDefault].map(measured));
}
const files = new Map<URL, string>([
  [new URL("results.md", DOCS), report(parsed.output, { figures, speedUps })],
]);
for (const { file, svg } of [...figures.values()].flat()) files.set(new URL(file, FIGURES), svg);

if (process.argv.includes("--check")) {
  for (const [file, text] of files) {
    const now = await readFile(file, "utf8").catch(() => "");
    if (now !== text) stop(`${file.pathname} does not come from docs/results.json; run npm run results`);
  }
} else {
  await mkdir(FIGURES, { recursive: true });
  const kept = new Set([...files.keys()].map((file) => file.pathname));
  for (const name of await readdir(FIGURES)) {
    const file = new URL(name, FIGURES);
    if (/^results-.*\.svg$/.test(name) && !kept.has(file.pathname)) await rm(file); // of a figure that is no more
  }
  for (const [file, text] of files) await writeFile(file, text);
  process.stderr.write(`docs/results.md and ${files.size - 1} figures\n`);
}
