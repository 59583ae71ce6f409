import { add, exp, mul, type Tensor4D } from "@tensorflow/tfjs-core";
import * as v from "valibot";
import { rgb8 } from "#kernels/rgb8.ts";
import { createDecoder, createEncoder, type Encoding } from "#models/autoencoder.ts";
import type { Decoder } from "#models/decoder.ts";
import type { Comparison } from "../comparison.ts";
import { autoencoderConfig } from "../configs.ts";
import { type GoldenCase, inputOf, readConfig, weightsOf } from "../goldenCase.ts";
import { fromStates, type HostTensor, toStates } from "../hostTensor.ts";
import { KeptTaps } from "../keptTaps.ts";
import type { Kind } from "../kind.ts";

/** Encoding of images, what is decoded of it, and decoding of a given latent; taps of the first image inside. */
export const autoencoder: Kind = async ({ golden, compare }) => {
  const { config } = readConfig(golden, v.object({ config: autoencoderConfig }));
  const weights = weightsOf(golden);
  const taps = new KeptTaps();

  const decoder = createDecoder(config, weights);
  const decoded = await fromStates(decoder.decode(toStates(inputOf(golden, "z")), taps.keep));
  compare.output("decoded_z", decoded);
  compare.output("decoded_z_uint8", { shape: decoded.shape, values: decoded.values.map(rgb8) });

  const encoder = createEncoder(config, weights);
  const encoding = await encoder.encode(toStates(inputOf(golden, "image")), taps.keep);
  await compareEncoding(golden, compare, encoding, decoder);

  await taps.compare(golden, compare, (tap) => fromStates(tap as Tensor4D));
  taps.dispose();
  encoder.dispose();
  decoder.dispose();
};

async function compareEncoding(
  golden: GoldenCase,
  compare: Comparison,
  encoding: Encoding,
  decoder: Decoder,
): Promise<void> {
  switch (encoding.kind) {
    case "kl": {
      const { mean, logvar } = encoding;
      const sample: Tensor4D = add(mean, mul(exp(mul(logvar, 0.5)), toStates(inputOf(golden, "eps"))));
      compare.output("mean", await fromStates(mean));
      compare.output("logvar", await fromStates(logvar));
      compare.output("sample", await fromStates(sample));
      compare.output("reconstruction_from_mean", await fromStates(decoder.decode(mean)));
      return;
    }
    case "vq": {
      const [batch, height, width] = encoding.prequant.shape;
      const indices: HostTensor = {
        shape: [batch, height, width],
        values: Float32Array.from(encoding.indices),
      };
      compare.output("latent_prequant", await fromStates(encoding.prequant));
      compare.output("indices", indices);
      compare.output("quantized", await fromStates(encoding.quantised));
      compare.output("reconstruction", await fromStates(decoder.decode(encoding.quantised)));
      return;
    }
    default:
      encoding satisfies never;
  }
}
