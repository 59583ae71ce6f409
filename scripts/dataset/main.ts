/** `npm run dataset -- --out DIR`: draws the training and held-out avatars into tars. See `--help`. */
import { resolve } from "node:path";
import { inWords } from "../setup/say.mjs";
import { type Command, readArguments, USAGE } from "./arguments.ts";
import { drawAll } from "./drawAll.ts";
import { DatasetFailure } from "./errors.ts";
import { claim, complete, identityOf, takeStock } from "./folder.ts";
import { showProgress } from "./progress.ts";
import { STYLES } from "./styles.ts";

const log = (line: string) => process.stderr.write(`${line}\n`);

async function draw({ out, plan }: Extract<Command, { help: false }>): Promise<void> {
  const folder = resolve(process.env.INIT_CWD ?? "", out); // npm runs scripts in the project's folder, not the user's
  const identity = await identityOf(plan);
  const stock = await takeStock(folder, identity);
  if (stock.complete) {
    log(`${folder} is complete already: every tar is as dataset.json says.`);
    return;
  }
  const giveBack = await claim(folder, identity);
  try {
    const entries = new Map(stock.finished);
    if (entries.size > 0)
      log(`${entries.size} tars are finished already and stay; ${stock.missing.length} to draw.`);
    const images = stock.missing.reduce((sum, { tar }) => sum + tar.indices * STYLES.length, 0);
    const progress = showProgress(process.stderr, images, stock.missing.length);
    const started = performance.now();
    try {
      await drawAll(
        stock.missing.map((missing) => ({ ...missing, size: plan.size, folder })),
        {
          onImages: progress.onImages,
          onTar(entry) {
            entries.set(entry.file, entry);
            progress.onTar(entry);
          },
        },
      );
    } finally {
      progress.end();
    }
    await complete(folder, identity, entries, stock.attributesGood);
    const megabytes = [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    log(
      `${folder}: ${entries.size} tars, ${megabytes.toFixed(1)} MB; ${images} images drawn in ${inWords(performance.now() - started)}.`,
    );
  } finally {
    await giveBack();
  }
}

try {
  const command = readArguments(process.argv.slice(2));
  if (command.help) process.stdout.write(USAGE);
  else await draw(command);
} catch (cause) {
  if (!(cause instanceof DatasetFailure)) throw cause;
  log(`error: ${cause.message}`);
  process.exitCode = cause.error.kind === "BadArguments" ? 2 : 1;
}
