import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import { unetSpec, variantOf } from "#models/unetConfig.ts";
import type { WeightSpec } from "#models/weights.ts";
import type { LocalNetwork } from "./localModel.ts";

/** Names and shapes of tensors; what they hold is not looked at. */
export type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** Fields of a config that no shape tells. */
export type Assumable = "input_size" | "num_heads" | "class_dropout_prob" | "groups";

/** A network read off its tensors. */
export interface ReadNetwork {
  readonly network: LocalNetwork;
  /** Fields that are a guess, because nothing said them. */
  readonly assumed: readonly Assumable[];
}

/** What a file says beside its tensors of what these do not tell. */
export type Hints = Readonly<Partial<Record<Assumable, number>>>;

/** Names and shapes that a network's weights have. The U-Net's own variant is told by the tensors. Throws ModelError for an
 *  impossible config. */
export const specOf = (network: LocalNetwork, shapes: Shapes): WeightSpec =>
  network.architecture === "dit"
    ? ditSpec(network.config)
    : unetSpec(network.config, variantOf(network.config, shapes));

/** The network that tensors of these names and shapes belong to, as far as they tell; null when it is neither a DiT nor a
 *  U-Net of this project's kind. Sizes come from the tensors; `hints` fill what they leave open, then usual values, which are
 *  named in `assumed`. Tensors that are missing do not keep the rest from being read. */
export const networkOfShapes = (shapes: Shapes, hints: Hints): ReadNetwork | null =>
  ditOfShapes(shapes, hints) ?? unetOfShapes(shapes, hints);

/** Heads of the official DiT-S, B, L and XL, by width. */
const OFFICIAL_HEADS: Readonly<Record<number, number>> = { 384: 6, 768: 12, 1024: 16, 1152: 16 };
/** Width of one head in nearly every transformer. */
const USUAL_HEAD = 64;

function ditOfShapes(shapes: Shapes, hints: Hints): ReadNetwork | null {
  const [width, channels, patch] = sizesOf(shapes, "x_embedder.proj.weight", 4);
  if (!width || !channels || !patch) return null;
  const [rows = 1] = sizesOf(shapes, "y_embedder.embedding_table.weight", 2);
  const [, tokens] = sizesOf(shapes, "pos_embed", 3);
  const [mlp = 4 * width] = sizesOf(shapes, "blocks.0.mlp.fc1.weight", 2);
  const [out = 0] = sizesOf(shapes, "final_layer.linear.weight", 2);
  const guess = guesser(hints);
  const dropout = rows === 1 ? 0 : guess("class_dropout_prob", 0.1); // a table of one row has none for "no label"
  const config: DiTConfig = {
    input_size: tokens ? Math.round(Math.sqrt(tokens)) * patch : guess("input_size", 16),
    patch_size: patch,
    in_channels: channels,
    hidden_size: width,
    depth: Math.max(1, countOf(shapes, /^blocks\.(\d+)\./)),
    num_heads: guess("num_heads", usualHeads(width)),
    mlp_ratio: mlp / width,
    num_classes: rows - (dropout > 0 ? 1 : 0),
    class_dropout_prob: dropout,
    learn_sigma: out === 2 * channels * patch * patch,
  };
  return { network: { architecture: "dit", config }, assumed: guess.assumed };
}

function usualHeads(width: number): number {
  const heads = OFFICIAL_HEADS[width] ?? Math.max(1, Math.round(width / USUAL_HEAD));
  return width % heads === 0 ? heads : 1;
}

function unetOfShapes(shapes: Shapes, hints: Hints): ReadNetwork | null {
  const [base, channels] = sizesOf(shapes, "in_conv.weight", 4);
  const levels = countOf(shapes, /^down_blocks\.(\d+)\./);
  if (!base || !channels || levels === 0) return null;
  const each = Array.from({ length: levels }, (_, level) => level);
  const widths = each.map(
    (level) => sizesOf(shapes, `down_blocks.${level}.res.0.conv1.weight`, 4)[0] ?? base,
  );
  const [rows = 1] = sizesOf(shapes, "cls_emb.weight", 2);
  const guess = guesser(hints);
  const config = {
    input_size: guess("input_size", 16),
    in_channels: channels,
    num_classes: rows,
    base_channels: base,
    channel_mult: widths.map((width) => Math.max(1, Math.round(width / base))),
    num_res_blocks: Math.max(1, countOf(shapes, /^down_blocks\.0\.res\.(\d+)\./)),
    attn_levels: each.filter((level) => shapes.has(`down_blocks.${level}.attn.norm.weight`)),
    groups: guess("groups", base % 32 === 0 ? 32 : 1),
  };
  return { network: { architecture: "unet", config }, assumed: guess.assumed };
}

/** Sizes of a tensor of this rank; none for a tensor that is not there or has another rank. */
function sizesOf(shapes: Shapes, name: string, rank: number): readonly (number | undefined)[] {
  const shape = shapes.get(name)?.shape;
  return shape?.length === rank ? shape : [];
}

/** One more than the largest number that names have where the pattern captures it. */
function countOf(shapes: Shapes, pattern: RegExp): number {
  let count = 0;
  for (const name of shapes.keys()) count = Math.max(count, Number(pattern.exec(name)?.[1] ?? -1) + 1);
  return count;
}

/** A field by what the file says of it, else by a usual value, which is then written down as a guess. */
function guesser(hints: Hints) {
  const assumed: Assumable[] = [];
  const guess = (field: Assumable, usual: number): number => {
    const hint = hints[field];
    if (hint === undefined) assumed.push(field);
    return hint ?? usual;
  };
  return Object.assign(guess, { assumed });
}
