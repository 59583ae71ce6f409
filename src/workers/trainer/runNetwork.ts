import type { AutoencoderEntry, Family } from "#checkpoints/manifest.ts";
import type { Base } from "#library/localModel.ts";
import type { RunPlan } from "#runs/run.ts";
import { fullTraining } from "#training/fullTraining.ts";
import { initialDiTWeights } from "#training/initialWeights.ts";
import { DEFAULT_LORA, type LoraTraining, loraTraining } from "#training/loraTraining.ts";
import type { Trainable } from "#training/trainable.ts";
import { classNames, type Labelling, labelling, type Network, withClasses } from "./classes.ts";
import { refuse } from "./failure.ts";
import type { Families, Fetching } from "./fetching.ts";
import { autoencoderOfModel, type DiTEntry, ditEntry, ditWeights, hashesOf } from "./networks.ts";

/** The network that a plan trains, before its weights are there. */
export interface RunNetwork {
  readonly family: Family;
  /** The model it starts from; null from scratch. */
  readonly entry: DiTEntry | null;
  readonly base: Base | null;
  readonly autoencoder: AutoencoderEntry;
  /** Its name, unless it is the family's own. */
  readonly autoencoderName: string | undefined;
  readonly labelling: Labelling;
  /** Weights to begin with, rows for the new classes included; on the host. Throws as `ditWeights` does. */
  load(from: Fetching): Promise<Network>;
}

/** Throws UnknownFamily, ModelMissing, NotTrainable, InvalidJob. */
export async function runNetwork(plan: RunPlan, families: Families): Promise<RunNetwork> {
  const family = await families.family(plan.family);
  const { base: from, options } = plan;
  const role = ditEntry(family, plan.target);
  if (from.kind === "scratch") {
    if (plan.mode.kind === "lora") refuse("mode", "Low-rank matrices need a model beneath them.");
    const { depth, hidden_size, num_heads } = from;
    const num_classes = family.classes.length;
    const config = { ...role.config, depth, hidden_size, num_heads, num_classes };
    const names = labelling(plan.classes, classNames(family, null));
    return {
      family,
      entry: null,
      base: null,
      autoencoder: autoencoderOfModel(family, role),
      autoencoderName: role.autoencoder,
      labelling: names,
      load: async () =>
        withClasses({ config, weights: initialDiTWeights(config, options.seed) }, names.names.length),
    };
  }
  const entry = ditEntry(family, from.model);
  const names = labelling(plan.classes, classNames(family, entry));
  return {
    family,
    entry,
    base: { name: entry.name, sha256: hashesOf(entry) },
    autoencoder: autoencoderOfModel(family, entry),
    autoencoderName: entry.autoencoder,
    labelling: names,
    load: async (fetching) =>
      withClasses({ config: entry.config, weights: await ditWeights(entry, fetching) }, names.names.length),
  };
}

/** What a plan trains of its network. The caller disposes it. Throws TrainingError, ModelError. */
export function trainableOf({ config, weights }: Network, plan: RunPlan): Trainable | LoraTraining {
  const { mode, options } = plan;
  return mode.kind === "full"
    ? fullTraining(config, weights)
    : loraTraining(config, weights, { ...DEFAULT_LORA, rank: mode.rank, alpha: mode.alpha }, options.seed);
}
