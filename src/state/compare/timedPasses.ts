import { findFamily } from "#checkpoints/manifest.ts";
import { chooseModels } from "#checkpoints/modelChoice.ts";
import { SOLVERS } from "#flow/solvers/names.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import type { App } from "../app.ts";
import type { EngineRestarted } from "../engine.ts";

/** Network passes of one start that were timed. */
export interface TimedPasses {
  /** Name of the model. */
  readonly model: string;
  readonly passes: number;
  readonly ms: number;
}

const passesAt = (guidance: number) => (guidance === 1 ? 1 : 2);

/** Network passes that the Generate page has just made: they tell how fast each model is here. */
export function timedPasses(
  events: readonly (EngineEvent | EngineRestarted)[],
  { batch, engine }: Pick<App, "batch" | "engine">,
): readonly TimedPasses[] {
  const family = batch && engine.manifest && findFamily(engine.manifest, batch.settings.family);
  if (!family) return [];
  return events.flatMap((event): readonly TimedPasses[] => {
    if (event.type !== "step") return [];
    const run = batch.runs.find(({ job }) => job === event.id);
    const chosen = run && chooseModels(family, run.model);
    const model = chosen?.ok ? chosen.value[event.served]?.name : undefined;
    if (model === undefined) return [];
    const { solver, guidance } = batch.settings;
    const passes = event.count * SOLVERS[solver].nfePerStep * passesAt(guidance);
    return [{ model, passes, ms: event.stepMs }];
  });
}
