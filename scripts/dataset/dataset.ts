import { inWords } from "../setup/say.mjs";
import { drawAll } from "./drawAll.ts";
import { claim, complete, identityOf, takeStock } from "./folder.ts";
import type { Plan } from "./plan.ts";
import { type Screen, showProgress } from "./progress.ts";
import { STYLES } from "./styles.ts";

/** Draws the data set of `plan` into `folder`, or what it still lacks there. Throws DatasetFailure; what was finished by
 *  then stays, and the same call goes on from there. */
export async function drawDataset(folder: string, plan: Plan, screen: Screen): Promise<void> {
  const say = (line: string) => screen.write(`${line}\n`);
  const identity = await identityOf(plan);
  const stock = await takeStock(folder, identity);
  if (stock.complete) {
    say(`${folder} is complete already: every tar is as dataset.json says.`);
    return;
  }
  const giveBack = await claim(folder, identity);
  try {
    const { finished, missing } = stock;
    if (finished.size > 0)
      say(`Finished already and kept: ${finished.size} of ${finished.size + missing.length} tars.`);
    const entries = new Map(finished);
    const images = missing.reduce((sum, { tar }) => sum + tar.indices * STYLES.length, 0);
    const progress = showProgress(screen, images, missing.length);
    const started = performance.now();
    try {
      await drawAll(
        missing.map(({ tar, pixelsSha256 }) => ({ tar, pixelsSha256, size: plan.size, folder })),
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
    const time = inWords(performance.now() - started);
    say(`${folder}: ${entries.size} tars, ${megabytes.toFixed(1)} MB; ${images} images drawn in ${time}.`);
  } finally {
    await giveBack();
  }
}
