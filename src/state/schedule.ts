import { type Family, findFamily } from "#checkpoints/manifest.ts";
import { chooseModels, partsFor } from "#checkpoints/modelChoice.ts";
import type { ModelText } from "#checkpoints/modelText.ts";
import type { GenerateJob, JobId, PartName } from "#workers/protocol.ts";
import type { Batch, Run } from "./batch.ts";
import { type EngineView, missingParts } from "./engine.ts";
import type { GenerateSettings } from "./settings.ts";

/** Parts that pictures of this model need under these settings; none when the family has no such model, which the engine
 *  then says. */
export function partsOfModel(
  family: Family | undefined,
  settings: Pick<GenerateSettings, "steps" | "solver" | "tau">,
  model: ModelText,
): readonly PartName[] {
  const chosen = family && chooseModels(family, model);
  return chosen?.ok ? partsFor(chosen.value, settings) : [];
}

export type NextMove =
  | { readonly do: "send"; readonly run: number }
  /** The draft is overtaken: heavy has arrived while it was being drawn. */
  | { readonly do: "cancel-draft"; readonly job: JobId }
  | { readonly do: "skip-draft"; readonly run: number }
  | { readonly do: "wait"; readonly missing: readonly PartName[] }
  | { readonly do: "nothing" };

const isOpen = (run: Run) => run.status === "pending" || run.status === "running";

/** What the page does next for its batch. Runs go one at a time and in order. Pure. */
export function nextMove(batch: Batch | null, engine: EngineView): NextMove {
  if (batch?.state.status !== "active") return { do: "nothing" };
  const family = engine.manifest ? findFamily(engine.manifest, batch.settings.family) : undefined;
  const missing = (model: ModelText) =>
    missingParts(engine, batch.settings.family, partsOfModel(family, batch.settings, model));
  const at = batch.runs.findIndex(isOpen);
  const run = batch.runs[at];
  if (!run) return { do: "nothing" };
  const following = batch.runs[at + 1];
  // The first visit shows the light picture whatever else has arrived: that is what it is about.
  const overtaken =
    run.draft && batch.origin !== "first-visit" && !!following && missing(following.model).length === 0;
  if (run.status === "running") {
    return overtaken && run.job !== null ? { do: "cancel-draft", job: run.job } : { do: "nothing" };
  }
  if (overtaken) return { do: "skip-draft", run: at };
  const lacking = missing(run.model);
  return lacking.length > 0 ? { do: "wait", missing: lacking } : { do: "send", run: at };
}

/** The engine's job for a run of the batch. */
export const jobOf = (batch: Batch, run: Run): GenerateJob => ({
  family: batch.settings.family,
  images: batch.seeds.map((seed, i) => ({ seed, label: batch.labels[i] ?? 0 })),
  model: run.model,
  tau: batch.settings.tau,
  steps: batch.settings.steps,
  solver: batch.settings.solver,
  guidance: batch.settings.guidance,
  previews: true,
  batch: batch.sideBySide,
});
