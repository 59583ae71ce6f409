import { type Family, type FileEntry, filesOf } from "#checkpoints/manifest.ts";
import { localModelOf } from "#library/localModel.ts";
import type { PartName } from "#workers/protocol.ts";
import { type App, selectFamily, selectHeavyAsks } from "./app.ts";
import { missingParts, partStatus } from "./engine.ts";
import { partsOfModel } from "./schedule.ts";
import { modelsShown } from "./settings.ts";

/** A download of so many bytes is a heavy one, whatever its name. */
const HEAVY_BYTES = 10e6;

/** Whether the reader of a metered connection is asked before this part is downloaded. */
export const isHeavy = (family: Family, part: PartName): boolean =>
  part === "heavy" || downloadBytes(filesOf(family, part) ?? []) > HEAVY_BYTES;

/** A model of the reader's own is in the browser already. */
const downloadBytes = (files: readonly FileEntry[]): number =>
  files.reduce((sum, { file, bytes }) => sum + (localModelOf(file) ? 0 : bytes), 0);

/** Parts to ask the engine for now. The decoder and the light model go first, so that the first picture has the
 *  line to itself; what else the chosen model needs comes next, the heavy model last, once a picture that can be drawn without it
 *  is there, unless the reader has to agree to it; on another page than Generate nothing more comes, and while models are
 *  looked through nothing at all. Pure. */
export function partsToRequest(app: App): readonly PartName[] {
  const { engine, settings } = app;
  const family = selectFamily(app);
  if (!engine.backend || !family || app.page === "models") return [];
  const status = (part: PartName) => partStatus(engine, settings.family, part).status;
  const offered = (part: PartName) => filesOf(family, part) !== undefined;
  const absent = (part: PartName) => offered(part) && status(part) === "absent";
  const first = (["decoder", "light"] as const).filter(absent);
  if (first.length > 0) return first;
  const early = (["decoder", "light"] as const).filter(offered);
  if (!early.every((part) => status(part) === "loaded")) return [];
  // A comparison says itself what it needs beyond these.
  if (app.page !== "generate") return [];
  const chosen = modelsShown(settings).flatMap((model) => partsOfModel(family, settings, model));
  const open = [...new Set<PartName>([...chosen, "heavy"])].filter(absent);
  const small = open.filter((part) => !isHeavy(family, part));
  if (small.length > 0) return small;
  if (drawsFirstPicture(app, family)) return [];
  return selectHeavyAsks(app) ? [] : open;
}

/** Whether a batch without any picture yet is being drawn, or is about to be, with what is loaded already. Packing the heavy
 *  model's weights would stop it in the middle. */
function drawsFirstPicture({ batch, engine }: App, family: Family): boolean {
  if (batch?.state.status !== "active") return false;
  const next = batch.runs.find(({ status }) => status === "running" || status === "pending");
  if (!next || missingParts(engine, family.name, partsOfModel(family, batch.settings, next.model)).length > 0)
    return false;
  return !batch.cells.some((cell) => cell.status === "finished" || ("draft" in cell && cell.draft !== null));
}
