import type { TorchSource } from "#checkpoints/torch.ts";
import type { Base, LocalModel, LocalNetwork } from "./localModel.ts";
import type { Assumable } from "./networkShapes.ts";

/** What can be asked of the reader when the file does not say it: without it the network would draw noise. */
export type Askable = Extract<Assumable, "num_heads" | "groups">;

/** A family in whose latents a network draws. */
export interface Fit {
  readonly family: string;
  readonly autoencoder: string | null;
  /** Classes that the network knows beyond the family's. */
  readonly newClasses: number;
}

/** A model that was read and checked, before the reader says how to keep it. Plain data. */
export interface Draft {
  readonly files: readonly string[];
  /** Which part of a PyTorch checkpoint was taken; null for safetensors. */
  readonly source: TorchSource | null;
  readonly network: LocalNetwork;
  /** Fields of the config that are a guess. */
  readonly assumed: readonly Assumable[];
  /** At least one. */
  readonly fits: readonly Fit[];
  /** Tensors that the network does not have; they are not kept. */
  readonly leftOut: readonly string[];
  /** Element types of the weights, as "F16" or "F32, BF16". */
  readonly precision: string;
  readonly parameters: number;
  /** Of the weights as they will be kept. */
  readonly bytes: number;
  /** What was added to this model, when low-rank matrices were read. */
  readonly mergedInto: Base | null;
  /** What the file says of itself; `name` is a proposal. */
  readonly said: Pick<LocalModel, "name" | "classes" | "licence" | "recipe" | "base" | "kind" | "metrics">;
}

/** How the reader wants a draft kept. */
export interface Answers {
  readonly name: string;
  /** One of the draft's fits. */
  readonly fit: Pick<Fit, "family" | "autoencoder">;
  /** Names of the new classes, as many as the fit has. */
  readonly classes: readonly string[];
  readonly licence: string;
  /** Numbers of the config that were a guess and that the reader knows: attention heads of a DiT, groups of a U-Net. */
  readonly known: Readonly<Partial<Record<Askable, number>>>;
}
