import {
  clone,
  mul,
  reshape,
  sub,
  type Tensor1D,
  type Tensor4D,
  tensor1d,
  tidy,
} from "@tensorflow/tfjs-core";
import { flowMatchingLossPerSample } from "#flow/losses.ts";
import type { DiTConfig } from "./ditConfig.ts";
import { ditPass } from "./ditPass.ts";
import type { LayerVisitor } from "./layerGradient.ts";
import type { WeightTensors } from "./tensors.ts";

/** States at which a network's velocity is held against a target; every loss of the method is a weighted sum of these. */
export interface VelocityBatch {
  /** xt [B,H,W,C] */
  readonly x: Tensor4D;
  readonly times: readonly number[];
  readonly labels: readonly number[];
  /** The wanted velocity [B,H,W,C], a constant. */
  readonly target: Tensor4D;
  /** w_b */
  readonly weights: readonly number[];
}

/** What a batch gave. */
export type VelocityLosses = {
  /** ℓ_b = mean over H, W, C of (v − u)² [B] */
  readonly losses: Tensor1D;
  /** v [B,H,W,C] */
  readonly velocity: Tensor4D;
};

/** Losses and velocities of a batch, and the gradients of Σ w_b·ℓ_b told to `visit`. Labels are checked by the caller, who
 *  disposes the parts. What `visit` makes survives only if it keeps it. Throws ShapeError. */
export function velocityLossGradients(
  config: DiTConfig,
  tensors: WeightTensors,
  { x, times, labels, target, weights }: VelocityBatch,
  visit: LayerVisitor,
): VelocityLosses {
  return tidy(() => {
    const pass = ditPass(config, tensors, x, times, labels);
    const losses = flowMatchingLossPerSample(pass.velocity, target);
    const factor = (2 * x.shape[0]) / x.size; // ∂ℓ/∂v = 2·(v − u)/(H·W·C)
    const factors = reshape(tensor1d(weights.map((weight) => weight * factor)), [-1, 1, 1, 1]);
    const dVelocity: Tensor4D = mul(sub(pass.velocity, target), factors);
    const velocity = clone(pass.velocity);
    pass.backward(dVelocity, visit);
    pass.dispose();
    return { losses, velocity };
  });
}
