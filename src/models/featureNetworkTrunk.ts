import { add, avgPool, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { conv2d, downsampleSymmetric } from "#kernels/conv2d.ts";
import { groupNormSilu } from "#kernels/groupNormSilu.ts";
import { type TrunkConfig, trunkBlocks } from "./featureNetworkConfig.ts";
import { ModelError } from "./modelError.ts";
import type { Taps } from "./taps.ts";
import { convAt, normAt, type WeightTensors } from "./tensors.ts";

const EPS = 1e-6;

/** Maps [1,s,s,C], s = image_size / 2^levels, of one image [1,S,S,3] in [−1, 1]: S pixels a side are averaged down to
 *  image_size, then every level convolves with stride 2 (padding 1 on all sides) and passes its residual blocks
 *  x + conv2(silu(norm2(conv1(silu(norm1 x))))); norm_out and SiLU at the end. The caller disposes the result.
 *  Throws ModelError ImageSizeDoesNotFit. */
export function runTrunk(config: TrunkConfig, weights: WeightTensors, image: Tensor4D, tap?: Taps): Tensor4D {
  return tidy(() => {
    const normSilu = (x: Tensor4D, name: string) =>
      groupNormSilu(x, ...normAt(weights, name), config.norm_groups, EPS);
    let h = atNetworkSize(image, config.image_size);
    trunkBlocks(config).forEach(({ type }, n) => {
      const name = `trunk.blocks.${n}`;
      if (type === "down") h = downsampleSymmetric(h, ...convAt(weights, `${name}.conv`));
      else {
        const inner = conv2d(normSilu(h, `${name}.norm1`), ...convAt(weights, `${name}.conv1`));
        h = add(h, conv2d(normSilu(inner, `${name}.norm2`), ...convAt(weights, `${name}.conv2`)));
      }
      tap?.(`block_${n}`, h);
    });
    return normSilu(h, "trunk.norm_out");
  });
}

/** Means of squares of S/size pixels a side. The caller disposes the result. */
function atNetworkSize(image: Tensor4D, size: number): Tensor4D {
  const [, height, width] = image.shape;
  const factor = height / size;
  if (height !== width || !Number.isInteger(factor))
    throw new ModelError({ kind: "ImageSizeDoesNotFit", height, width, networkSize: size });
  return factor === 1 ? image : avgPool(image, factor, factor, "valid");
}
