import { ModelError, requireInteger } from "./modelError.ts";
import type { WeightSpec } from "./weights.ts";

/** The convolutional trunk that embedding network and classifier share in kind, never in weights. */
export interface TrunkConfig {
  /** Side in pixels of the pictures that the network reads. */
  readonly image_size: number;
  /** Channels of the levels; every level halves width and height. */
  readonly widths: readonly number[];
  /** Residual blocks of every level. */
  readonly residual_blocks: readonly number[];
  readonly norm_groups: number;
}

/** The embedding network's config under the keys of its file. */
export interface EmbeddingConfig extends TrunkConfig {
  /** Numbers in a feature. */
  readonly feature_dim: number;
}

/** One attribute that the classifier reads off a picture. */
export interface AttributeHead {
  readonly name: string;
  /** The classes that have it. */
  readonly styles: readonly string[];
  /** Its values in the order of the logits. */
  readonly values: readonly string[];
}

/** The attribute classifier's config under the keys of its file. */
export interface ClassifierConfig extends TrunkConfig {
  /** Classes in the order of their logits. */
  readonly styles: readonly string[];
  /** Attributes in the order of their logits, which lie one after the other. */
  readonly heads: readonly AttributeHead[];
  readonly reduced: number;
  readonly hidden: number;
}

/** One entry of the flat list `trunk.blocks.N`. */
export interface TrunkBlock {
  readonly type: "down" | "residual";
  /** Channels. */
  readonly input: number;
  readonly output: number;
}

/** The trunk's blocks in order: at every level a halving to its width, then its residual blocks. */
export function trunkBlocks({ widths, residual_blocks }: TrunkConfig): readonly TrunkBlock[] {
  return widths.flatMap((width, level): TrunkBlock[] => [
    { type: "down", input: level === 0 ? 3 : widths[level - 1], output: width },
    ...Array.from(
      { length: residual_blocks[level] },
      (): TrunkBlock => ({ type: "residual", input: width, output: width }),
    ),
  ]);
}

/** Names and shapes of the embedding network's weights. Throws ModelError for an impossible config. */
export function embeddingSpec(config: EmbeddingConfig): WeightSpec {
  requireInteger("feature_dim", config.feature_dim);
  const spec = trunkSpec(config);
  weighted(spec, "projection", config.feature_dim, deepest(config));
  return spec;
}

/** Names and shapes of the attribute classifier's weights. Throws ModelError for an impossible config. */
export function classifierSpec(config: ClassifierConfig): WeightSpec {
  const { reduced, hidden, styles, heads } = config;
  requireInteger("reduced", reduced);
  requireInteger("hidden", hidden);
  requireInteger("styles", styles.length);
  const spec = trunkSpec(config);
  weighted(spec, "conv_reduce", reduced, deepest(config), 1, 1);
  weighted(spec, "conv_hidden", hidden, reduced, mapSide(config), mapSide(config));
  weighted(spec, "class_head", styles.length, hidden);
  weighted(spec, "attribute_head", attributeLogits(heads), hidden);
  return spec;
}

/** Logits of all attributes together. */
export const attributeLogits = (heads: readonly AttributeHead[]): number =>
  heads.reduce((sum, head) => sum + head.values.length, 0);

/** Width and height of the trunk's last maps. */
export const mapSide = ({ image_size, widths }: TrunkConfig): number => image_size / 2 ** widths.length;

const deepest = ({ widths }: TrunkConfig): number => widths[widths.length - 1];

function weighted(spec: Map<string, readonly number[]>, name: string, ...shape: number[]): void {
  spec.set(`${name}.weight`, shape);
  spec.set(`${name}.bias`, [shape[0]]);
}

function trunkSpec(config: TrunkConfig): Map<string, readonly number[]> {
  checkTrunk(config);
  const spec = new Map<string, readonly number[]>();
  trunkBlocks(config).forEach(({ type, input, output }, n) => {
    const name = `trunk.blocks.${n}`;
    if (type === "down") weighted(spec, `${name}.conv`, output, input, 3, 3);
    else
      for (const part of [1, 2]) {
        weighted(spec, `${name}.norm${part}`, output);
        weighted(spec, `${name}.conv${part}`, output, output, 3, 3);
      }
  });
  weighted(spec, "trunk.norm_out", deepest(config));
  return spec;
}

function checkTrunk({ image_size, widths, residual_blocks, norm_groups }: TrunkConfig): void {
  const bad = (field: string, value: unknown, reason: string) =>
    new ModelError({ kind: "BadConfig", field, value, reason });
  requireInteger("image_size", image_size);
  requireInteger("norm_groups", norm_groups);
  if (widths.length === 0) throw bad("widths", widths, "no level");
  if (widths.length !== residual_blocks.length)
    throw bad("residual_blocks", residual_blocks, `not one number for each of ${widths.length} levels`);
  if (image_size % 2 ** widths.length !== 0)
    throw bad("image_size", image_size, `cannot be halved ${widths.length} times`);
  for (const width of widths) {
    requireInteger("widths", width);
    if (width % norm_groups !== 0)
      throw new ModelError({ kind: "GroupsDoNotDivide", channels: width, groups: norm_groups });
  }
  for (const blocks of residual_blocks) requireInteger("residual_blocks", blocks, 0);
}
