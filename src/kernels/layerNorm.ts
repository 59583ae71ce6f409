import { add, mean, mul, rsqrt, square, sub, type Tensor3D, tidy } from "@tensorflow/tfjs-core";

/** Of the official DiT; PyTorch's default would be 1e-5. */
export const LAYER_NORM_EPS = 1e-6;

/** y = (x − mean x) / √(var x + 1e-6) over the last axis, biased variance, no affine part; x, y [B,N,D].
 *  The caller disposes y. */
export function layerNorm(x: Tensor3D): Tensor3D {
  return tidy(() => {
    const centred = sub(x, mean(x, -1, true));
    const variance = mean(square(centred), -1, true); // [B,N,1]
    return mul(centred, rsqrt(add(variance, LAYER_NORM_EPS)));
  });
}
