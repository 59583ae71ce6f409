import { add, mean, mul, rsqrt, square, sub, sum, type Tensor3D, tidy } from "@tensorflow/tfjs-core";
import { LAYER_NORM_EPS } from "./layerNorm.ts";
import { defineKernel } from "./route.ts";

/** Gradients of y = x̂·(1 + scale) + shift, x̂ = layerNorm(x), for dy = ∂loss/∂y [B,N,D]. */
export type ModulatedLayerNormGradient = {
  /** r·(g − mean g − x̂·mean(g·x̂)) [B,N,D], g = dy·(1 + scale), r = 1/√(var x + 1e-6), means over D. */
  readonly x: Tensor3D;
  /** Σ over tokens of dy [B,1,D]. */
  readonly shift: Tensor3D;
  /** Σ over tokens of dy·x̂ [B,1,D]. */
  readonly scale: Tensor3D;
};

/** x, dy [B,N,D]; scale [B,1,D], one row a sample. The caller disposes the parts.
 *  Source: Ba et al. 2016, arXiv 1607.06450, differentiated. */
export const modulatedLayerNormGradient = defineKernel(
  "modulatedLayerNormGradient",
  (x: Tensor3D, scale: Tensor3D, dy: Tensor3D): ModulatedLayerNormGradient =>
    tidy(() => {
      const centred: Tensor3D = sub(x, mean(x, -1, true));
      const inverse: Tensor3D = rsqrt(add(mean(square(centred), -1, true), LAYER_NORM_EPS)); // [B,N,1]
      const normal: Tensor3D = mul(centred, inverse);
      const g: Tensor3D = mul(dy, add(scale, 1));
      const along: Tensor3D = mul(normal, mean(mul(g, normal), -1, true));
      return {
        x: mul(sub(sub(g, mean(g, -1, true)), along), inverse),
        shift: sum(dy, 1, true),
        scale: sum(mul(dy, normal), 1, true),
      };
    }),
);
