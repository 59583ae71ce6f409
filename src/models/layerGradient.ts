import type { Tensor2D } from "@tensorflow/tfjs-core";

/** What a layer's weights are to be changed by, told through the layer's inputs and the gradient at its output. Rows
 *  belong to the samples in order, as many to each. The tensors belong to the backward pass: whoever is told computes
 *  at once. */
export type LayerGradient =
  /** `${name}.weight` [in,out] by xᵀ·delta and `${name}.bias` by Σ delta; x [rows,in], delta [rows,out]. */
  | { readonly kind: "linear"; readonly name: string; readonly x: Tensor2D; readonly delta: Tensor2D }
  /** Row labels[b] of the table `name` by delta[b]; delta [B,D]. */
  | {
      readonly kind: "table";
      readonly name: string;
      readonly labels: readonly number[];
      readonly delta: Tensor2D;
    };

/** Told of every layer once a backward pass, the last layer first. */
export type LayerVisitor = (gradient: LayerGradient) => void;
