/** `npm run dataset -- --out DIR`: draws the training and held-out avatars into tars. See `--help`.
 *  Exit status: 0 when the data set is there, 1 when it could not be drawn, 2 when the command was called wrongly. */
import { resolve } from "node:path";
import { readArguments, USAGE } from "./arguments.ts";
import { drawDataset } from "./dataset.ts";
import { DatasetFailure } from "./errors.ts";

for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => {
    process.stderr.write("\nStopped. The same command goes on with the next unfinished tar.\n");
    process.exit(status);
  });

try {
  const command = readArguments(process.argv.slice(2));
  if (command.help) process.stdout.write(USAGE);
  else {
    const folder = resolve(process.env.INIT_CWD ?? "", command.out); // npm starts scripts in the project's folder
    await drawDataset(folder, command.plan, process.stderr);
  }
} catch (cause) {
  if (!(cause instanceof DatasetFailure)) throw cause;
  process.stderr.write(`error: ${cause.message}\n`);
  process.exitCode = cause.error.kind === "BadArguments" ? 2 : 1;
}
