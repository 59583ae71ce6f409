// @ts-check
/** `npm run dev`: the page from its sources, updated on every save, with the headers of the real server. */
import { join } from "node:path";
import { ensureDependencies } from "./setup/dependencies.mjs";
import { requireNode } from "./setup/node-version.mjs";
import { ROOT } from "./setup/root.mjs";
import { runNode } from "./setup/run-program.mjs";

requireNode();
await ensureDependencies();
process.exitCode = await runNode([join(ROOT, "node_modules/vite/bin/vite.js"), ...process.argv.slice(2)], {
  output: "inherit",
  stdin: true,
});
