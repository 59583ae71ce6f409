import {
  add,
  mean,
  mul,
  reshape,
  rsqrt,
  square,
  sub,
  type Tensor1D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { defineKernel } from "./route.ts";

/** y = (x − mean) / √(var + eps)·gamma + beta, mean and biased variance over the pixels and the channels of one
 *  group of one image; x, y [B,H,W,C], gamma and beta [C], groups divides C, channels of a group are adjacent. The
 *  caller disposes y. Source: Wu and He 2018, arXiv 1803.08494. */
export const groupNorm = defineKernel(
  "groupNorm",
  (x: Tensor4D, gamma: Tensor1D, beta: Tensor1D, groups: number, eps: number): Tensor4D =>
    tidy(() => {
      const [batch, height, width, channels] = x.shape;
      const grouped = reshape(x, [batch, height * width, groups, channels / groups]);
      const centred = sub(grouped, mean(grouped, [1, 3], true));
      const variance = mean(square(centred), [1, 3], true); // [B,1,G,1]
      const normal = reshape(mul(centred, rsqrt(add(variance, eps))), x.shape);
      return add(mul(normal, gamma), beta);
    }),
);
