import {
  fused,
  image,
  pad,
  reshape,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { linear } from "./linear.ts";
import { defineKernel } from "./route.ts";

/** Convolution with bias that keeps height and width; x [B,H,W,in], filter [k,k,in,out] with k odd, bias [out],
 *  result [B,H,W,out]. The caller disposes the result. k = 1 is a matrix product over all pixels. */
export const conv2d = defineKernel(
  "conv2d",
  (x: Tensor4D, filter: Tensor4D, bias: Tensor1D): Tensor4D =>
    tidy(() => {
      const [batch, height, width, channels] = x.shape;
      const [size, , , outChannels] = filter.shape;
      if (size > 1) return fused.conv2d({ x, filter, strides: 1, pad: "same", bias });
      const pixels: Tensor2D = reshape(x, [batch * height * width, channels]);
      const weight: Tensor2D = reshape(filter, [channels, outChannels]);
      return reshape(linear(pixels, weight, bias), [batch, height, width, outChannels]);
    }),
);

/** 3×3 convolution of stride 2 after padding right and bottom by 1 (taming's autoencoder); H, W even,
 *  [B,H,W,in] → [B,H/2,W/2,out]. The caller disposes the result. */
export function downsampleAsymmetric(x: Tensor4D, filter: Tensor4D, bias: Tensor1D): Tensor4D {
  return tidy(() => {
    const padded = pad(x, [
      [0, 0],
      [0, 1],
      [0, 1],
      [0, 0],
    ]);
    return fused.conv2d({ x: padded, filter, strides: 2, pad: "valid", bias });
  });
}

/** 3×3 convolution of stride 2 with padding 1 on every side (the U-Net); [B,H,W,in] → [B,⌈H/2⌉,⌈W/2⌉,out]. The
 *  caller disposes the result. Not "same" of tfjs, which pads right and bottom only when H is even. */
export function downsampleSymmetric(x: Tensor4D, filter: Tensor4D, bias: Tensor1D): Tensor4D {
  return fused.conv2d({ x, filter, strides: 2, pad: 1, bias });
}

/** Every pixel twice in each direction (nearest neighbour), then a 3×3 convolution; [B,H,W,in] → [B,2H,2W,out]. The
 *  caller disposes the result. */
export function upsampleConv(x: Tensor4D, filter: Tensor4D, bias: Tensor1D): Tensor4D {
  return tidy(() => {
    const [, height, width] = x.shape;
    return conv2d(image.resizeNearestNeighbor(x, [2 * height, 2 * width]), filter, bias);
  });
}
