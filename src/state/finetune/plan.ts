import { classesOf } from "#checkpoints/classes.ts";
import { type Family, findModel, type ModelEntry } from "#checkpoints/manifest.ts";
import type { DatasetRecord } from "#datasets/dataset.ts";
import type { ClassTarget, RunBase, RunMode, RunObjective, RunPlan, RunWatch } from "#runs/run.ts";
import { DEFAULT_TRAIN_OPTIONS } from "#training/trainOptions.ts";
import { trainedLabels } from "./classTargets.ts";
import { trainedOn } from "./heldOut.ts";
import { learningRateOf, type TrainSettings } from "./trainSettings.ts";

type DiTModel = Extract<ModelEntry, { architecture: "dit" }>;

/** Models of a family that can be trained: DiTs in the family's own latents. */
export const trainableModels = (family: Family): readonly DiTModel[] =>
  family.models.filter(
    (model): model is DiTModel => model.architecture === "dit" && model.autoencoder === undefined,
  );

/** Names of the classes that the network knows that training starts from, in label order. */
export const knownClasses = (family: Family, { base, scratch }: TrainSettings): readonly string[] =>
  classesOf(family, [scratch ? null : (findModel(family, base) ?? null)]);

/** What a plan is made of besides the settings. */
export interface PlanParts {
  readonly family: Family;
  readonly dataset: DatasetRecord;
  readonly targets: readonly ClassTarget[];
  /** Ascending indices of what the choice keeps, those that are held out among them. */
  readonly kept: Uint32Array;
  readonly heldOut: Uint32Array;
  /** How `kept` was chosen, in words. */
  readonly how: string;
}

/** Points of the grid, and guidance, that looks are drawn with: few steps, since looks take time from training. */
const LOOK_STEPS = 16;

/** Settings with models that there are: of one that was deleted, or belongs to another family, the shipped one takes the place. */
export function withModelsOf(family: Family, settings: TrainSettings): TrainSettings {
  const { base, teacher, target } = settings;
  const models: readonly (ModelEntry | undefined)[] = trainableModels(family);
  const isThere = (name: string) => models.includes(findModel(family, name) ?? undefined);
  return {
    ...settings,
    base: isThere(base) ? base : target,
    teacher: isThere(teacher) ? teacher : "heavy",
  };
}

/** The run that the settings ask for. */
export function planOf(wished: TrainSettings, parts: PlanParts): RunPlan {
  const { family, dataset, targets, kept, heldOut, how } = parts;
  const settings = withModelsOf(family, wished);
  const known = knownClasses(family, settings);
  const { batch, seed } = settings;
  return {
    name: settings.name.trim() || proposedName(settings, dataset),
    dataset: dataset.id,
    family: family.name,
    base: baseOf(settings, family),
    target: settings.target,
    mode: modeOf(settings),
    objective: objectiveOf(settings),
    classes: targets,
    selection: { kept: trainedOn(kept, heldOut), heldOut, how },
    options: {
      ...DEFAULT_TRAIN_OPTIONS,
      seed,
      batch,
      microBatch: Math.min(batch, DEFAULT_TRAIN_OPTIONS.microBatch),
      learningRate: learningRateOf(settings),
      warmupSteps: Math.min(DEFAULT_TRAIN_OPTIONS.warmupSteps, Math.ceil(settings.steps / 5)),
    },
    steps: settings.steps,
    watch: watchOf(settings, family, targets, known),
  };
}

/** "Big Ears, light c2f": what is learned, by which model, and how, where that is not the usual way. */
export function proposedName(
  { target, mode, rank, scratch, objective }: TrainSettings,
  dataset: DatasetRecord,
): string {
  const how = [
    ...(scratch ? ["from scratch"] : mode === "lora" ? [`LoRA ${rank}`] : []),
    ...(target === "light" && objective !== "fm" ? [objective === "c2f" ? "c2f" : "distilled"] : []),
  ];
  return [`${dataset.name}, ${target}`, ...how].join(" ");
}

function baseOf({ base, scratch }: TrainSettings, family: Family): RunBase {
  const model = findModel(family, base);
  if (!scratch || model?.architecture !== "dit") return { kind: "model", model: base };
  const { depth, hidden_size, num_heads } = model.config;
  return { kind: "scratch", depth, hidden_size, num_heads };
}

/** Low-rank matrices beside random weights would learn next to nothing. */
const modeOf = ({ mode, rank, scratch }: TrainSettings): RunMode =>
  mode === "full" || scratch ? { kind: "full" } : { kind: "lora", rank, alpha: rank };

function objectiveOf({ objective, teacher, tau, target }: TrainSettings): RunObjective {
  if (objective === "fm" || target === "heavy") return { kind: "fm" };
  return objective === "c2f" ? { kind: "c2f", teacher, tau } : { kind: "distil", teacher, tMax: tau };
}

/** Seeds 1, 2, … of the trained classes in turn; of no more classes than have two pictures each, since similarity compares within
 *  a class. */
function watchOf(
  { every, pictures, steps }: TrainSettings,
  family: Family,
  targets: readonly ClassTarget[],
  known: readonly string[],
): RunWatch {
  const labels = trainedLabels(targets, known).slice(0, Math.max(1, Math.floor(pictures / 2)));
  return {
    every: Math.min(every, steps),
    pictures: Array.from({ length: pictures }, (_, i) => ({
      seed: i + 1,
      label: labels[i % labels.length] ?? 0,
    })),
    drawing: { steps: LOOK_STEPS, guidance: family.defaults.guidance },
  };
}
