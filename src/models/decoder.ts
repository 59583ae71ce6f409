import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { AutoencoderConfig } from "./autoencoderConfig.ts";
import type { Taps } from "./taps.ts";

/** The half of an autoencoder that draws. */
export interface Decoder {
  readonly config: AutoencoderConfig;
  /** Images in about [−1, 1], [B,f·h,f·w,image_channels], of latents [B,h,w,latent_channels] that are already divided
   *  by the scale factor. Image by image: the same bits in every batch. The caller disposes the result. */
  decode(z: Tensor4D, tap?: Taps): Tensor4D;
  dispose(): void;
}
