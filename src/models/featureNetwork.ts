import { concat, mean, reshape, slice, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { conv2d } from "#kernels/conv2d.ts";
import { linear } from "#kernels/linear.ts";
import { silu } from "#kernels/silu.ts";
import {
  attributeLogits,
  type ClassifierConfig,
  classifierSpec,
  type EmbeddingConfig,
  embeddingSpec,
  mapSide,
} from "./featureNetworkConfig.ts";
import { runTrunk } from "./featureNetworkTrunk.ts";
import type { Taps } from "./taps.ts";
import { convAt, disposeTensors, linearAt, uploadWeights } from "./tensors.ts";
import type { WeightMap } from "./weights.ts";

/** The network whose features compare pictures: Fréchet distance, same-seed similarity. */
export interface EmbeddingNetwork {
  readonly config: EmbeddingConfig;
  /** Features [B,D], no unit, not normalised, of images [B,S,S,3] in [−1, 1], S = image_size or a multiple. Image by
   *  image: the same bits in every batch. The caller disposes the result. Throws ModelError ImageSizeDoesNotFit. */
  embed(images: Tensor4D, tap?: Taps): Tensor2D;
  dispose(): void;
}

/** What the classifier says of images; the caller disposes both tensors. */
export interface ClassifierLogits {
  /** [B,classes]. */
  readonly classes: Tensor2D;
  /** [B,L]: the logits of all attributes, one after the other in the order of the config; see `attributesSeen`. */
  readonly attributes: Tensor2D;
}

/** The network that reads class and attributes off a picture. */
export interface ClassifierNetwork {
  readonly config: ClassifierConfig;
  /** Logits, no unit, of images [B,S,S,3] in [−1, 1], S = image_size or a multiple. Image by image: the same bits in
   *  every batch. Throws ModelError ImageSizeDoesNotFit. */
  classify(images: Tensor4D, tap?: Taps): ClassifierLogits;
  dispose(): void;
}

/** An embedding network with its weights on the device; the caller disposes it. Throws ModelError: an impossible config,
 *  MissingWeight, WrongShape. Mirrors pretrain/models/embedding.py. */
export function createEmbedding(config: EmbeddingConfig, weights: WeightMap): EmbeddingNetwork {
  const tensors = uploadWeights(embeddingSpec(config), weights);
  return {
    config,
    embed: (images, tap) =>
      eachImage(images, (image) => {
        const maps = runTrunk(config, tensors, image, tap); // [1,s,s,C]
        const pooled: Tensor2D = mean(maps, [1, 2]); // [1,C]
        return linear(pooled, ...linearAt(tensors, "projection")); // [1,D]
      }),
    dispose: () => disposeTensors(tensors),
  };
}

/** An attribute classifier with its weights on the device; the caller disposes it. Throws ModelError: an impossible
 *  config, MissingWeight, WrongShape. Mirrors pretrain/models/classifier.py. */
export function createClassifier(config: ClassifierConfig, weights: WeightMap): ClassifierNetwork {
  const tensors = uploadWeights(classifierSpec(config), weights);
  const classes = config.styles.length;
  const total = classes + attributeLogits(config.heads);
  const [filter, bias] = convAt(tensors, "conv_hidden");
  // The filter covers the whole map, so this convolution is one matrix product.
  const perPixel = mapSide(config) ** 2;
  const hidden = (maps: Tensor4D): Tensor2D =>
    linear(
      reshape(maps, [1, perPixel * config.reduced]),
      reshape(filter, [perPixel * config.reduced, config.hidden]),
      bias,
    );
  return {
    config,
    classify: (images, tap) => {
      const [ofClasses, ofAttributes] = tidy(() => {
        const logits = eachImage(images, (image) => {
          const maps = runTrunk(config, tensors, image, tap); // [1,s,s,C]
          const reduced = silu(conv2d(maps, ...convAt(tensors, "conv_reduce"))); // [1,s,s,R]
          const h = silu(hidden(reduced)); // [1,hidden]
          tap?.("hidden", h);
          const ofClass = linear(h, ...linearAt(tensors, "class_head"));
          return concat([ofClass, linear(h, ...linearAt(tensors, "attribute_head"))], 1); // [1,classes+L]
        });
        return [slice(logits, [0, 0], [-1, classes]), slice(logits, [0, classes], [-1, total - classes])];
      });
      return { classes: ofClasses, attributes: ofAttributes };
    },
    dispose: () => disposeTensors(tensors),
  };
}

/** What is seen in one picture. */
export interface Seen {
  /** Index of the class. */
  readonly label: number;
  /** Value of every attribute in the config's order; null where the class has no such attribute. */
  readonly values: readonly (string | null)[];
}

/** The largest logit of the classes and of every attribute, the first of equal ones. classLogits [classes],
 *  attributeLogits [L] of one picture. Attributes apply by the class that is seen, or by `label` when it is given. Pure. */
export function attributesSeen(
  { styles, heads }: Pick<ClassifierConfig, "styles" | "heads">,
  classLogits: ArrayLike<number>,
  logits: ArrayLike<number>,
  label?: number,
): Seen {
  const seen = largest(classLogits, 0, styles.length);
  const style = styles[label ?? seen];
  let start = 0;
  const values = heads.map((head) => {
    const first = start;
    start += head.values.length;
    return head.styles.includes(style) ? head.values[largest(logits, first, start) - first] : null;
  });
  return { label: seen, values };
}

/** Index of the largest of values[from … to−1], the first of equal ones. */
function largest(values: ArrayLike<number>, from: number, to: number): number {
  let best = from;
  for (let i = from + 1; i < to; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** Rows [1,N] of every image [1,S,S,3] of a batch, stacked to [B,N]. What `row` leaves behind is disposed. */
function eachImage(images: Tensor4D, row: (image: Tensor4D) => Tensor2D): Tensor2D {
  const [count, height, width, channels] = images.shape;
  return tidy(() =>
    concat(
      Array.from({ length: count }, (_, k) =>
        tidy(() => row(slice(images, [k, 0, 0, 0], [1, height, width, channels]))),
      ),
      0,
    ),
  );
}
