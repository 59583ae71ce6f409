import { basename } from "node:path";
import { parseArgs } from "node:util";
import { nodeBackends } from "./nodeBackends.ts";
import { discover } from "./parity/discover.ts";
import { failed, type Outcome, sentenceOf } from "./parity/outcome.ts";
import { count, lineOf, type Tally } from "./parity/report.ts";

const USAGE = `usage: npm run parity -- DIR [options]
  Runs every golden case of the folder, and every file of its folders of malformed files; prints a line each.
  --backend NAME     wasm | cpu | webgpu                        (default wasm)
  --only PREFIX      only the cases whose name starts so
  --allow-missing    cases of an unknown kind do not count as failed`;

const BACKENDS = ["cpu", "wasm", "webgpu"] as const;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      backend: { type: "string", default: "wasm" },
      only: { type: "string", default: "" },
      "allow-missing": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const backend = BACKENDS.find((name) => name === values.backend);
  const [directory] = positionals;
  if (values.help || directory === undefined || positionals.length > 1 || backend === undefined) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const tally: Tally = { passed: 0, failed: 0 };
  const note = (outcome: Outcome) => {
    count(tally, outcome, values["allow-missing"]);
    console.log(lineOf(outcome));
  };
  let at: string = backend;
  try {
    const { adapter } = await nodeBackends.open(backend);
    console.log(`backend ${backend}${adapter === null ? "" : ` on ${adapter}`}`);
    at = basename(directory);
    for (const found of await discover(directory)) {
      if (found.name.startsWith(values.only)) for (const outcome of await found.run()) note(outcome);
    }
  } catch (cause) {
    note(failed(at, sentenceOf(cause))); // no such backend here, or no folder: the closing line comes all the same
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed > 0 || tally.passed === 0 ? 1 : 0;
}

process.exitCode = await main().catch((cause: unknown) => {
  console.error(cause instanceof Error ? cause.message : cause);
  return 2;
});
