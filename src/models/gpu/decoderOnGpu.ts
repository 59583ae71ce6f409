import { pad, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import type { PictureSize } from "#gpu/convolution.ts";
import { bytesOf, vectors } from "#gpu/kernel.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { composedDecoder } from "../autoencoder.ts";
import type { AutoencoderConfig } from "../autoencoderConfig.ts";
import type { Decoder } from "../decoder.ts";
import { ModelError } from "../modelError.ts";
import type { Taps } from "../taps.ts";
import type { WeightMap } from "../weights.ts";
import { DecoderGpu, type PictureTap } from "./decoderGpu.ts";
import { tensorGpu } from "./tensorGpu.ts";

/** A decoder on our own WebGPU kernels, behind the same face as on tfjs: latents and pictures are its tensors, on the device
 *  all the way, and a decode is one submission. Latents that are too large for the kernels are left to tfjs. Takes weights
 *  whose names and shapes have been checked. */
export function createDecoderOnGpu(
  config: AutoencoderConfig,
  weights: WeightMap,
  machine: GpuMachine,
): Decoder {
  const network = new DecoderGpu(config, weights, machine);
  let composed: Decoder | null = null;
  let disposed = false;
  return {
    config,
    decode(z, tap) {
      if (disposed) throw new ModelError({ kind: "TrajectoryEnded" });
      const [count, height, width] = z.shape;
      // Taps are told of one image after the other.
      const images = Math.min(tap ? 1 : count, network.imagesAtOnce(count, height, width));
      if (images === 0) {
        composed ??= composedDecoder(config, weights);
        return composed.decode(z, tap);
      }
      return decode(network, z, { images, height, width }, tap);
    },
    dispose() {
      disposed = true;
      network.dispose();
      composed?.dispose();
    },
  };
}

/** Decodes as many at once as `size` says. */
function decode(network: DecoderGpu, z: Tensor4D, size: PictureSize, tap?: Taps): Tensor4D {
  const gpu = tensorGpu();
  const [count, height, width] = z.shape;
  const sizes = network.sizes(height, width);
  const { image_channels, channel_multipliers } = network.config;
  const factor = 2 ** (channel_multipliers.length - 1);
  const result = gpu.newTensor([count, factor * height, factor * width, image_channels]);
  const seen: (() => void)[] = [];
  return tidy(() => {
    const latents = gpu.bufferOf(wholeVectors(z));
    const copy: PictureTap = (name, from, shape) => {
      const { tensor, buffer } = gpu.newTensor(shape);
      gpu.encoder().copyBufferToBuffer(from, 0, buffer, 0, bytesOf(tensor.size));
      seen.push(() => tap?.(name, tensor));
    };
    for (let first = 0; first < count; first += size.images) {
      const part = Math.min(size.images, count - first); // what lies behind the last one is decoded in vain
      const [latentBytes, pictureBytes] = [bytesOf(sizes.latent), bytesOf(sizes.picture)];
      network.record(
        size,
        (to) => gpu.encoder().copyBufferToBuffer(latents, first * latentBytes, to, 0, part * latentBytes),
        (from) =>
          gpu.encoder().copyBufferToBuffer(from, 0, result.buffer, first * pictureBytes, part * pictureBytes),
        tap && copy,
      );
    }
    gpu.submit();
    for (const tell of seen) tell(); // when all is recorded: a tap may go on with ops
    return result.tensor as Tensor4D;
  });
}

/** Channels padded to whole vectors. */
function wholeVectors(z: Tensor4D): Tensor4D {
  const channels = z.shape[3];
  const missing = 4 * vectors(channels) - channels;
  return missing === 0
    ? z
    : pad(z, [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, missing],
      ]);
}
