// @ts-check
/** `node scripts/run.mjs cli/generate.ts …`: runs a TypeScript file of this project with tsx. The file has stdin, stdout
 *  and stderr to itself and its exit code is ours; what the set-up has to say goes to stderr. */
import { resolve } from "node:path";
import { ensureDependencies } from "./setup/dependencies.mjs";
import { requireNode } from "./setup/node-version.mjs";
import { ROOT } from "./setup/root.mjs";
import { runNode } from "./setup/run-program.mjs";
import { say } from "./setup/say.mjs";
import { ensureSimdKernels } from "./setup/simd.mjs";

requireNode();
const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  say("which file? For instance: node scripts/run.mjs cli/generate.ts --seed 1");
  process.exit(2);
}
await ensureDependencies();
await ensureSimdKernels();
process.exitCode = await runNode(["--import", import.meta.resolve("tsx"), resolve(ROOT, file), ...args], {
  output: "inherit",
  stdin: true,
});
