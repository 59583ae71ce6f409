import { fail, ok, type Result } from "#bytes/result.ts";
import { sha256Hex } from "#bytes/sha256.ts";
import type { DatasetRecord, DatasetStore, DatasetWriter } from "../dataset.ts";
import { type DatasetImportError, importErrorOf } from "../importError.ts";
import { optionProblem } from "../importFiles.ts";
import type { OnImportProgress } from "../importProgress.ts";
import type { Drawer } from "./drawer.ts";
import { DRAWN_COUNTS, NINTH_STYLES, type NinthStyleName, seedOf } from "./ninthStyles.ts";
import { DRAWN_SIZE } from "./recipe.ts";

export interface DrawOptions {
  readonly name: string;
  readonly style: NinthStyleName;
  /** Avatars, DRAWN_COUNTS.least … most. */
  readonly count: number;
  readonly imageSize: number;
}

export interface DrawParts {
  readonly store: DatasetStore;
  /** Rejects when the rasteriser or the style cannot be fetched. */
  readonly openDrawer: (style: NinthStyleName) => Promise<Drawer>;
  /** Lets messages in; called after each avatar. */
  readonly pause: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: OnImportProgress;
}

/** A style draws 2,000 different avatars out of far fewer seeds than this times 2,000. */
const SEEDS_TRIED = 4;

/** Draws the avatars style/0, style/1, … as a data set of one class; a seed whose picture another seed had is passed over.
 *  The same options give the same pixels everywhere. Never rejects; when it fails or is cancelled nothing is kept. */
export async function drawDataset(
  options: DrawOptions,
  { store, openDrawer, pause, signal, onProgress }: DrawParts,
): Promise<Result<DatasetRecord, DatasetImportError>> {
  const { style, count, imageSize } = options;
  const problem = optionProblem(options) ?? drawProblem(options);
  if (problem) return fail(problem);
  let drawer: Drawer;
  try {
    drawer = await openDrawer(style);
  } catch (cause) {
    return fail({
      kind: "DrawingUnreachable",
      detail: cause instanceof Error ? cause.message : String(cause),
    });
  }
  let writer: DatasetWriter | null = null;
  try {
    writer = await store.create(imageSize);
    const names: string[] = [];
    const hashes = new Set<string>();
    for (let index = 0; names.length < count && index < SEEDS_TRIED * count; index++) {
      await pause();
      if (signal.aborted) {
        await writer.discard();
        return fail({ kind: "Cancelled" });
      }
      const seed = seedOf(style, index);
      const rgb = drawer.draw(seed, imageSize);
      const hash = await sha256Hex(rgb);
      if (hashes.has(hash)) continue;
      hashes.add(hash);
      names.push(seed);
      await writer.add(rgb);
      onProgress({ done: names.length, of: count, accepted: names.length, refused: 0 }, { name: seed, rgb });
    }
    return ok(
      await writer.finish({
        name: options.name.trim(),
        source: "drawn",
        classNames: [style],
        labels: names.map(() => 0),
        names,
        pixelHashes: [...hashes],
        refused: [],
      }),
    );
  } catch (cause) {
    await writer?.discard().catch(() => {}); // what cannot be removed now is swept later
    return fail(importErrorOf(cause));
  }
}

function drawProblem({ style, count, imageSize }: DrawOptions): DatasetImportError | null {
  const bad = (option: string, detail: string): DatasetImportError => ({ kind: "BadOption", option, detail });
  const { least, most } = DRAWN_COUNTS;
  if (!NINTH_STYLES.some(({ name }) => name === style)) return bad("style", `${style} is none`);
  if (!Number.isInteger(count) || count < least || count > most)
    return bad("count", `${count}; ${least} … ${most} are allowed`);
  if (DRAWN_SIZE % imageSize !== 0) return bad("imageSize", `${imageSize} does not divide ${DRAWN_SIZE}`);
  return null;
}
