import { split, type Tensor4D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { conv2d } from "#kernels/conv2d.ts";
import { vqLookup } from "#kernels/vqLookup.ts";
import { addSideSpec, decoderBlocks, encoderBlocks, runSide } from "./autoencoderBlocks.ts";
import { type AutoencoderConfig, checkAutoencoderConfig } from "./autoencoderConfig.ts";
import type { Decoder } from "./decoder.ts";
import { imageByImage } from "./imageByImage.ts";
import { ownNetworks } from "./ownNetworks.ts";
import type { Taps } from "./taps.ts";
import { checkWeightShapes, convAt, disposeTensors, uploadWeights } from "./tensors.ts";
import type { WeightMap, WeightSpec } from "./weights.ts";

/** What an encoder says of images [B,H,W,C]; every tensor is [B,h,w,latent_channels]. KL: the moments of the
 *  posterior, logvar not clamped. VQ: the latents before the lookup, the nearest codes (row-major [B,h,w]) and their
 *  codebook rows. The caller disposes the tensors. */
export type Encoding =
  | { readonly kind: "kl"; readonly mean: Tensor4D; readonly logvar: Tensor4D }
  | {
      readonly kind: "vq";
      readonly prequant: Tensor4D;
      readonly indices: Int32Array;
      readonly quantised: Tensor4D;
    };

/** The half of an autoencoder that looks. */
export interface Encoder {
  readonly config: AutoencoderConfig;
  /** Encodes images [B,H,W,image_channels] in [−1, 1], image by image. Latents are not multiplied by the scale factor. */
  encode(images: Tensor4D, tap?: Taps): Promise<Encoding>;
  dispose(): void;
}

/** Names and shapes of a decoder's weights. Throws ModelError for an impossible config. */
export function decoderSpec(config: AutoencoderConfig): WeightSpec {
  checkAutoencoderConfig(config);
  const { latent_channels: z, image_channels } = config;
  const spec = new Map<string, readonly number[]>(pointwise("post_quant_conv", z));
  addSideSpec(spec, "decoder", decoderBlocks(config), z, image_channels);
  return spec;
}

/** Names and shapes of an encoder's weights, with the codebook of a VQ one. Throws ModelError for an impossible config. */
export function encoderSpec(config: AutoencoderConfig): WeightSpec {
  checkAutoencoderConfig(config);
  const moments = momentChannels(config);
  const spec = new Map<string, readonly number[]>(pointwise("quant_conv", moments));
  addSideSpec(spec, "encoder", encoderBlocks(config), config.image_channels, moments);
  if (config.kind === "vq") spec.set(CODEBOOK, [config.codebook_size ?? 0, config.latent_channels]);
  return spec;
}

/** A decoder on kernels of our own where the backend has some that fit, else the composition of TensorFlow.js's ops; the caller
 *  disposes it. Weights of the encoder may be present and are ignored. Throws ModelError: an impossible config, MissingWeight,
 *  WrongShape. */
export function createDecoder(config: AutoencoderConfig, weights: WeightMap): Decoder {
  checkWeightShapes(decoderSpec(config), weights);
  return ownNetworks()?.decoder(config, weights) ?? composedDecoder(config, weights);
}

/** A decoder of TensorFlow.js's ops, its weights on the device; the caller disposes it. Throws like `createDecoder`. */
export function composedDecoder(config: AutoencoderConfig, weights: WeightMap): Decoder {
  const spec = decoderSpec(config);
  const tensors = uploadWeights(spec, weights);
  const blocks = decoderBlocks(config);
  return {
    config,
    decode: (z, tap) =>
      imageByImage(z, (latent) =>
        runSide(
          config,
          tensors,
          "decoder",
          blocks,
          conv2d(latent, ...convAt(tensors, "post_quant_conv")),
          tap,
        ),
      ),
    dispose: () => disposeTensors(tensors),
  };
}

/** An encoder with its weights on the device; the caller disposes it. Weights of the decoder may be present and are
 *  ignored. Throws ModelError: an impossible config, MissingWeight, WrongShape. */
export function createEncoder(config: AutoencoderConfig, weights: WeightMap): Encoder {
  const spec = new Map(encoderSpec(config));
  checkWeightShapes(spec, weights);
  const codebook = weights.get(CODEBOOK)?.values;
  spec.delete(CODEBOOK); // the lookup runs on the host
  const tensors = uploadWeights(spec, weights);
  const blocks = encoderBlocks(config);
  const moments = (images: Tensor4D, tap?: Taps) =>
    imageByImage(images, (image) =>
      conv2d(runSide(config, tensors, "encoder", blocks, image, tap), ...convAt(tensors, "quant_conv")),
    );
  return {
    config,
    async encode(images, tap) {
      const encoded = moments(images, tap);
      if (codebook !== undefined) return quantise(encoded, codebook);
      const [mean, logvar] = tidy((): Tensor4D[] => split(encoded, 2, 3));
      encoded.dispose();
      return { kind: "kl", mean, logvar };
    },
    dispose: () => disposeTensors(tensors),
  };
}

const CODEBOOK = "quantizers.codebook.weight";

/** A posterior has a mean and a log-variance for every latent channel. */
const momentChannels = (config: AutoencoderConfig): number =>
  config.latent_channels * (config.kind === "kl" ? 2 : 1);

const pointwise = (name: string, channels: number): [string, readonly number[]][] => [
  [`${name}.weight`, [channels, channels, 1, 1]],
  [`${name}.bias`, [channels]],
];

async function quantise(prequant: Tensor4D, codebook: Float32Array): Promise<Encoding> {
  const width = prequant.shape[3];
  const indices = vqLookup(await prequant.data<"float32">(), codebook, width);
  const rows = new Float32Array(prequant.size);
  indices.forEach((code, row) => {
    rows.set(codebook.subarray(code * width, (code + 1) * width), row * width);
  });
  return { kind: "vq", prequant, indices, quantised: tensor4d(rows, prequant.shape) };
}
