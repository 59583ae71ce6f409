import { dispose, keep, square, sum, type Tensor1D, tidy } from "@tensorflow/tfjs-core";
import { addAll } from "#kernels/addAll.ts";
import { gradientNorms } from "#kernels/gradientNorms.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { WeightTensors } from "#models/tensors.ts";
import { type VelocityBatch, velocityLossGradients } from "#models/velocityLoss.ts";

/** Losses and gradient norms of the samples of a batch, from one forward and one backward pass. */
export type SampleNorms = {
  /** ℓ_b [B] */
  readonly losses: Tensor1D;
  /** ‖∂ℓ_b/∂θ‖² over all parameters but the fixed pos_embed [B]. */
  readonly norms: Tensor1D;
};

/** The losses of the batch are summed, so that the gradient at a layer's output holds each sample's own; a row of the
 *  label table adds ‖δ‖². Weights of the batch are not looked at. Labels are checked by the caller, who disposes the parts.
 *  Throws ShapeError. Source: method §6. */
export function ghostNorms(
  config: DiTConfig,
  tensors: WeightTensors,
  batch: Omit<VelocityBatch, "weights">,
): SampleNorms {
  const samples = batch.times.length;
  const weights = batch.times.map(() => 1);
  const parts: Tensor1D[] = [];
  try {
    const { losses, velocity } = velocityLossGradients(config, tensors, { ...batch, weights }, (layer) => {
      const norms =
        layer.kind === "table"
          ? tidy((): Tensor1D => sum(square(layer.delta), 1))
          : gradientNorms(layer.x, layer.delta, samples);
      parts.push(keep(norms)); // beyond the backward pass
    });
    dispose(velocity);
    return { losses, norms: addAll(parts) };
  } finally {
    dispose(parts);
  }
}
