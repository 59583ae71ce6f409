import {
  add,
  avgPool,
  mean,
  mul,
  reshape,
  rsqrt,
  square,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tidy,
  zeros,
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
      const normal: Tensor4D = reshape(mul(centred, rsqrt(add(variance, eps))), x.shape);
      return add(mul(normal, gamma), beta);
    }),
);

/** The same, a quarter of the time on tfjs-wasm 4.22: there a mean over anything but the last axis transposes the
 *  whole tensor, pooling reads it once, and only one number a channel broadcasts fast. */
groupNorm.setRoute("wasm", (x, gamma, beta, groups, eps) =>
  tidy(() => {
    const centred: Tensor4D = sub(x, groupMean(x, groups));
    const variance: Tensor4D = groupMean(square(centred), groups); // [B,1,1,C]
    return add(mul(centred, mul(rsqrt(add(variance, eps)), gamma)), beta);
  }),
);

/** Mean of every group, repeated for each of its channels: [B,H,W,C] → [B,1,1,C]. Rows first, then columns: short
 *  sums lose less to rounding than one long sum. */
function groupMean(x: Tensor4D, groups: number): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const ofRows = avgPool(x, [1, width], 1, "valid"); // [B,H,1,C]
  const ofImage = avgPool(ofRows, [height, 1], 1, "valid"); // [B,1,1,C]
  const grouped: Tensor = reshape(ofImage, [batch, groups, channels / groups]);
  const repeated = add(mean(grouped, 2, true), zeros(grouped.shape));
  return reshape(repeated, [batch, 1, 1, channels]);
}
