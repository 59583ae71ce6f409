import type { WeightsError } from "#checkpoints/weights.ts";
import type { LocalModelId } from "./localModel.ts";
import type { LibraryError } from "./localModels.ts";

/** Latents of a family's autoencoder. */
export interface Latents {
  readonly family: string;
  /** A further autoencoder of the family; null: its own. */
  readonly autoencoder: string | null;
  readonly channels: number;
  /** Height and width. */
  readonly size: number;
  /** Classes of the family. */
  readonly classes: number;
}

/** Why files did not become a model of the reader's. `detail` is a sentence. */
export type ImportError =
  | { readonly kind: "NothingToRead"; readonly files: readonly string[] }
  | { readonly kind: "TooLarge"; readonly file: string; readonly bytes: number; readonly limitBytes: number }
  /** Several checkpoints that are no shards of one. */
  | { readonly kind: "SeveralModels"; readonly files: readonly string[] }
  /** A damaged file, or one of another format than its name says. */
  | { readonly kind: "Unreadable"; readonly file: string; readonly detail: string }
  | { readonly kind: "ShardsDoNotFit"; readonly detail: string }
  /** What a file says of its own model cannot be used. */
  | { readonly kind: "BadDescription"; readonly file: string; readonly detail: string }
  | {
      readonly kind: "UnknownNetwork";
      readonly looksLike: "autoencoder" | "nothing known";
      readonly tensors: number;
      /** The first names. */
      readonly names: readonly string[];
    }
  /** No network can have this config. */
  | { readonly kind: "ImpossibleConfig"; readonly detail: string }
  /** What the weights are measured against, in words, and how they differ. */
  | { readonly kind: "WeightsDoNotFit"; readonly network: string; readonly difference: WeightsError }
  | { readonly kind: "PositionTableDiffers"; readonly largestDifference: number; readonly limit: number }
  | {
      readonly kind: "NoFamily";
      readonly channels: number;
      readonly size: number;
      readonly known: readonly Latents[];
    }
  | {
      readonly kind: "TooFewClasses";
      readonly family: string;
      readonly classes: number;
      readonly needed: number;
    }
  /** Low-rank matrices alone, for a model that is not here. */
  | { readonly kind: "BaseMissing"; readonly base: string; readonly detail: string }
  | { readonly kind: "AlreadyHere"; readonly id: LocalModelId; readonly name: string }
  /** An answer of the reader's that does not fit the model. */
  | { readonly kind: "BadAnswer"; readonly field: string; readonly detail: string }
  /** Read earlier, and let go of since. */
  | { readonly kind: "NothingRead" }
  | { readonly kind: "NotKept"; readonly error: LibraryError }
  | { readonly kind: "NotFound"; readonly id: LocalModelId }
  | { readonly kind: "Cancelled" }
  | { readonly kind: "Internal"; readonly detail: string };
