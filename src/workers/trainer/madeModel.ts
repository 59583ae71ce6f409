import { creditOf } from "#datasets/credit.ts";
import type { DatasetRecord } from "#datasets/dataset.ts";
import { fineTunedModel } from "#library/fineTuned.ts";
import type { LocalFiles, LocalModel } from "#library/localModel.ts";
import type { RunPlan, RunProgress } from "#runs/run.ts";
import type { LoraTraining } from "#training/loraTraining.ts";
import type { Trainable } from "#training/trainable.ts";
import type { RunNetwork } from "./runNetwork.ts";

/** Steps whose mean is called the last training loss. */
const LAST_STEPS = 50;

/** What is said of a data set in what comes of it. */
export interface DataWords {
  readonly name: string;
  /** Whom its pictures are owed to, where that is known. */
  readonly credit: string | null;
}

export const dataWords = (record: DatasetRecord): DataWords => ({
  name: record.name,
  credit: creditOf(record),
});

/** What the numbers do not say. */
export interface MadeWith {
  readonly data: DataWords;
  readonly device: string;
  /** Milliseconds since 1970. */
  readonly today: number;
}

/** The model that a run's average weights are, as the library keeps it. Throws as `fineTunedModel` does. */
export function madeModel(
  plan: RunPlan,
  { family, entry, base, labelling, autoencoderName }: RunNetwork,
  trainable: Trainable,
  average: Float32Array,
  progress: Pick<RunProgress, "step" | "trainedMs" | "curve" | "looks">,
  { data, device, today }: MadeWith,
): Promise<{ readonly model: LocalModel; readonly files: LocalFiles }> {
  const { mode, options, selection } = plan;
  const { step, trainedMs, curve } = progress;
  const losses = curve.slice(-LAST_STEPS).map(({ loss }) => loss);
  return fineTunedModel({
    name: plan.name,
    architecture: "dit",
    config: trainable.config,
    family: family.name,
    autoencoder: autoencoderName ?? null,
    classes: labelling.names.slice(family.classes.length),
    base,
    recipe: {
      data: `${new Set(selection.kept).size} pictures of ${data.name}, from ${entry?.name ?? "scratch"}`,
      steps: Math.max(1, step),
      samples_seen: Math.max(1, step * options.batch),
      minutes: Math.max(1, trainedMs) / 60_000,
      device,
      loss: losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      seed: options.seed,
      notes: notesOf(plan),
    },
    licence: [...(entry ? [entry.licence] : []), picturesLicence(data)].join(", and "),
    metrics: metricsOf(progress),
    createdAt: today,
    weights: trainable.weights(average),
    lora:
      mode.kind === "lora" && isLora(trainable)
        ? { rank: mode.rank, alpha: mode.alpha, adapter: trainable.adapter(average) }
        : null,
  });
}

const picturesLicence = ({ credit }: DataWords): string =>
  credit === null ? "that of the pictures" : `that of the pictures (${credit})`;

const isLora = (trainable: Trainable): trainable is LoraTraining => "adapter" in trainable;

function notesOf({ mode, objective, selection, options }: RunPlan): string {
  const what = mode.kind === "lora" ? `low-rank matrices of rank ${mode.rank}` : "all weights";
  const how = { fm: "flow matching", c2f: "coarse-to-fine loss", distil: "distillation" }[objective.kind];
  const teacher = objective.kind === "fm" ? "" : ` from ${objective.teacher}`;
  const { learningRate, batch } = options;
  return `${what} by ${how}${teacher}; learning rate ${learningRate}, batch ${batch}; kept: ${selection.how}`;
}

/** What the last look saw. */
function metricsOf({ looks }: Pick<RunProgress, "looks">): LocalModel["metrics"] {
  const last = looks.at(-1);
  if (!last) return [];
  const { heldOutLoss, similarity } = last;
  const metrics: LocalModel["metrics"][number][] = [];
  if (heldOutLoss !== null) metrics.push({ name: "held-out loss", value: heldOutLoss });
  if (similarity) {
    const { value, low, high } = similarity.sNormalised;
    metrics.push({ name: `s_norm to the base (${similarity.of})`, value, low, high });
  }
  return metrics;
}
