import type { PartName } from "#workers/protocol.ts";
import { type App, selectFamily, selectHeavyAsks } from "./app.ts";
import { partStatus } from "./engine.ts";

/** Parts to ask the engine for now. The decoder and the light model go first, so that the first picture has the
 *  line to itself; the heavy model follows, unless the reader has to agree to it. Pure. */
export function partsToRequest(app: App): readonly PartName[] {
  const { engine, settings } = app;
  const family = selectFamily(app);
  if (!engine.backend || !family) return [];
  const status = (part: PartName) => partStatus(engine, settings.family, part).status;
  const offered = (part: PartName) =>
    part === "decoder" || family.models.some((model) => model.role === part);
  const absent = (part: PartName) => offered(part) && status(part) === "absent";
  const first = (["decoder", "light"] as const).filter(absent);
  if (first.length > 0) return first;
  const early = (["decoder", "light"] as const).filter(offered);
  const ready = early.every((part) => status(part) === "loaded");
  return ready && absent("heavy") && !selectHeavyAsks(app) ? ["heavy"] : [];
}
