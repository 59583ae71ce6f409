import type { FileEntry, ModelEntry } from "#checkpoints/manifest.ts";
import { isOwnName, LONGEST_OWN_NAME } from "#checkpoints/ownName.ts";

/** Name of an own model wherever shipped models have theirs (links, jobs, PNGs): a few words, and after the last hyphen the
 *  first 8 hex digits of the sha256 of its weights. It stays when the model is renamed, and goes with an exported file, so a
 *  link means the same in every browser that has the model. */
export type LocalModelId = `${string}-${string}`;

/** Architecture and config of a velocity model, as a manifest has them. */
export type LocalNetwork = NetworkOf<ModelEntry>;
type NetworkOf<T extends ModelEntry> = T extends ModelEntry ? Pick<T, "architecture" | "config"> : never;

/** The network alone of what has one. */
export const networkIn = ({ architecture, config }: LocalNetwork): LocalNetwork =>
  architecture === "dit" ? { architecture, config } : { architecture, config };

/** What training started from. */
export interface Base {
  /** Name of a model of the same family. */
  readonly name: string;
  /** sha256 of its files in shard order, hex. */
  readonly sha256: readonly string[];
}

/** Low-rank matrices, kept beside the weights into which they are merged. */
export interface Lora {
  readonly rank: number;
  /** What is added is scaled by alpha/rank. */
  readonly alpha: number;
  /** The model that they are added to. */
  readonly of: Base;
}

/** What the reader's browser keeps of a model of their own, without its weights. Plain data: structured cloning takes it. */
export type LocalModel = LocalNetwork & {
  readonly id: LocalModelId;
  /** For people; can be changed. */
  readonly name: string;
  readonly kind: "imported" | "fine-tuned";
  /** Family in whose latents it draws, by name. */
  readonly family: string;
  /** The family's further autoencoder in whose latents it draws; null: its own. */
  readonly autoencoder: string | null;
  /** Classes that it knows beyond the family's, in label order after theirs. */
  readonly classes: readonly string[];
  readonly base: Base | null;
  readonly lora: Lora | null;
  /** null where the file did not say it. */
  readonly recipe: ModelEntry["recipe"] | null;
  /** In words, "CC BY 4.0" for example. */
  readonly licence: string;
  readonly metrics: readonly NonNullable<ModelEntry["metrics"]>[number][];
  readonly parameters: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Size and sha256 of the weights as a safetensors file. */
  readonly bytes: number;
  readonly sha256: string;
};

/** Weights of an own model as they are kept: safetensors files. */
export interface LocalFiles {
  /** All weights; low-rank matrices are merged into them. Its sha256 is the model's. */
  readonly weights: Uint8Array<ArrayBuffer>;
  /** `${layer}.lora_A.weight` [r,in], `${layer}.lora_B.weight` [out,r] and the label table; null unless `lora`. */
  readonly adapter: Uint8Array<ArrayBuffer> | null;
}

/** Longest name that the reader can give. */
export const LONGEST_NAME = 80;

/** Largest weights that can be kept, and largest file that is read. */
export const LARGEST_MODEL_BYTES = 512 * 2 ** 20;

const LONGEST_WORDS = LONGEST_OWN_NAME - 9;

export const isLocalModelId = (name: string): name is LocalModelId => isOwnName(name);

/** name: as the reader wrote it; letters and digits of it that links can carry are kept. */
export function localModelId(name: string, sha256: string): LocalModelId {
  const words = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "") // accents, which the line above has set apart from their letters
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST_WORDS)
    .replace(/^-+|-+$/g, "");
  return `${words || "model"}-${sha256.slice(0, 8)}`;
}

/** Whether an id was made of weights with this sha256. */
export const isIdOf = (id: string, sha256: string): id is LocalModelId =>
  isLocalModelId(id) && id.endsWith(`-${sha256.slice(0, 8)}`);

const LOCAL = "local:";

/** The entry's file, which the engine takes from the browser's store and not from the network. */
export const localFile = ({ id, bytes, sha256 }: Pick<LocalModel, "id" | "bytes" | "sha256">): FileEntry => ({
  file: `${LOCAL}${id}`,
  bytes,
  sha256,
});

/** The own model whose weights the file is; null for a file of the network. */
export function localModelOf(file: string): LocalModelId | null {
  if (!file.startsWith(LOCAL)) return null;
  const id = file.slice(LOCAL.length);
  return isLocalModelId(id) ? id : null;
}
