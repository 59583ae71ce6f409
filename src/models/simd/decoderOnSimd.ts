import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import type { SimdSource } from "#simd/installed.ts";
import type { AutoencoderConfig } from "../autoencoderConfig.ts";
import type { Decoder } from "../decoder.ts";
import { ModelError } from "../modelError.ts";
import type { Taps } from "../taps.ts";
import type { WeightMap } from "../weights.ts";
import { DecoderSimd, type PictureTaps } from "./decoderSimd.ts";

/** A decoder on the CPU's SIMD kernels, behind the same face as on tfjs. Takes weights whose names and shapes have been
 *  checked. Throws SimdMemoryError. */
export function createDecoderOnSimd(
  config: AutoencoderConfig,
  weights: WeightMap,
  source: SimdSource,
): Decoder {
  let network: DecoderSimd | null = new DecoderSimd(config, weights, source);
  return {
    config,
    decode(z, tap) {
      if (network === null) throw new ModelError({ kind: "TrajectoryEnded" });
      const [count, height, width, channels] = z.shape;
      const latents = z.dataSync<"float32">();
      const size = height * width * channels;
      const pictures: Float32Array[] = [];
      for (let k = 0; k < count; k++)
        pictures.push(
          network.decode(latents.subarray(k * size, (k + 1) * size), height, width, tap && onHost(tap)),
        );
      return stacked(pictures, config, height);
    },
    dispose() {
      network?.dispose();
      network = null; // its memory goes with it
    },
  };
}

function stacked(
  pictures: readonly Float32Array[],
  config: AutoencoderConfig,
  latentHeight: number,
): Tensor4D {
  const size = pictures[0]?.length ?? 0;
  const all = new Float32Array(pictures.length * size);
  pictures.forEach((picture, k) => {
    all.set(picture, k * size);
  });
  const height = latentHeight * 2 ** (config.channel_multipliers.length - 1);
  const width = size / (height * config.image_channels);
  return tensor4d(all, [pictures.length, height, width, config.image_channels], "float32");
}

const onHost =
  (tap: Taps): PictureTaps =>
  (name, values, height, width) => {
    const picture = tensor4d(values, [1, height, width, values.length / (height * width)], "float32");
    tap(name, picture);
    picture.dispose();
  };
