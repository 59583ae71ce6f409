import {
  add,
  mean,
  mul,
  type Scalar,
  square,
  sub,
  type Tensor1D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { assertSameShape } from "./path.ts";

/** Weight of the seam term of the paper's coarse-to-fine training (method §5). */
export const SEAM_WEIGHT = 0.1;
/** Smallest time that the light model is trained at there: t ~ U(1e-4, tau). */
export const COARSE_T_MIN = 1e-4;

const meanSquare = (v: Tensor4D, u: Tensor4D): Scalar => tidy(() => mean(square(sub(v, u))));

/** Flow-matching loss of each sample, mean over H, W, C of (v − u)²: [B]. v is the model's velocity, u the
 *  target x1 − x0, both [B,H,W,C]. Differentiable in v. The caller disposes it. Throws ShapeError.
 *  Source: method §1. */
export function flowMatchingLossPerSample(v: Tensor4D, u: Tensor4D): Tensor1D {
  assertSameShape("flowMatchingLossPerSample", v, u);
  return tidy(() => mean(square(sub(v, u)), [1, 2, 3]));
}

/** Flow-matching loss of the batch: mean over all elements of (v − u)². Differentiable in v. The caller
 *  disposes it. Throws ShapeError. */
export function flowMatchingLoss(v: Tensor4D, u: Tensor4D): Scalar {
  assertSameShape("flowMatchingLoss", v, u);
  return meanSquare(v, u);
}

/** Seam loss: mean over all elements of (v_C − v_F)² at (x_tau, tau), where the light model hands over to
 *  the heavy one; v_F is a constant. Differentiable in vLight. The caller disposes it. Throws ShapeError. */
export function seamLoss(vLight: Tensor4D, vHeavy: Tensor4D): Scalar {
  assertSameShape("seamLoss", vLight, vHeavy);
  return meanSquare(vLight, vHeavy);
}

/** Loss of the light model for coarse-to-fine: FM loss on t ~ U(1e-4, tau) + weight · seam loss.
 *  Differentiable. The caller disposes it. Source: method §5. */
export function coarseToFineLoss(flowMatching: Scalar, seam: Scalar, weight = SEAM_WEIGHT): Scalar {
  return tidy(() => add(flowMatching, mul(seam, weight)));
}
