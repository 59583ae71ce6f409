import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { tidy } from "@tensorflow/tfjs-core";
import { groupNorm } from "./groupNorm.ts";
import { defineKernel } from "./route.ts";
import { silu } from "./silu.ts";

/** y = silu(groupNorm(x)), in every residual block of an autoencoder; x, y [B,H,W,C], gamma and beta [C]. The caller
 *  disposes y. */
export const groupNormSilu = defineKernel(
  "groupNormSilu",
  (x: Tensor4D, gamma: Tensor1D, beta: Tensor1D, groups: number, eps: number): Tensor4D =>
    tidy(() => silu(groupNorm(x, gamma, beta, groups, eps))),
);
