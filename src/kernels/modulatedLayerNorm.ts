import { add, mul, type Tensor3D, tidy } from "@tensorflow/tfjs-core";
import { layerNorm } from "./layerNorm.ts";
import { defineKernel } from "./route.ts";

/** y = layerNorm(x)·(1 + scale) + shift; x, y [B,N,D], shift and scale [B,1,D], or [1,1,D] when all samples
 *  share them. The caller disposes y. Source: Peebles and Xie 2023, arXiv 2212.09748, §3.2 (adaLN). */
export const modulatedLayerNorm = defineKernel(
  "modulatedLayerNorm",
  (x: Tensor3D, shift: Tensor3D, scale: Tensor3D): Tensor3D =>
    tidy(() => add(mul(layerNorm(x), add(scale, 1)), shift)),
);
