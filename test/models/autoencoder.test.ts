import { dispose, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createDecoder, createEncoder, decoderSpec, encoderSpec } from "#models/autoencoder.ts";
import type { AutoencoderConfig } from "#models/autoencoderConfig.ts";
import type { Taps } from "#models/taps.ts";
import { expectNoLeak, NETWORK_BACKENDS, useBackend } from "./support/backends.ts";
import { expectClose, expectValuesClose, type Golden, readGolden, toNHWC } from "./support/golden.ts";

const KL = ["02_ae_kl_f4_attn_g6", "02_ae_kl_f8_g4"];
const VQ = ["02_ae_vq_f4_g32", "02_ae_vq_f8_attn_g8"];

/** Compares taps with the golden ones of sample 0; later samples come by under the same names. */
function goldenTaps(golden: Golden<AutoencoderConfig>): { tap: Taps; seen: Set<string> } {
  const seen = new Set<string>();
  const wanted = new Set(golden.names("out.tap_"));
  const tap: Taps = (name, value) => {
    const key = `out.tap_${name}`;
    if (!wanted.has(key) || seen.has(key)) return;
    seen.add(key);
    expectClose(name, value, golden.at(key), golden.tight);
  };
  return { tap, seen };
}

describe.each(NETWORK_BACKENDS)("the autoencoder on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([...KL, ...VQ])("decodes latents to the golden images, with every tap, in %s", async (name) => {
    const golden = readGolden<AutoencoderConfig>(name);
    await expectNoLeak(() => {
      const decoder = createDecoder(golden.config, golden.weights());
      const { tap, seen } = goldenTaps(golden);
      tidy(() => {
        const images = decoder.decode(toNHWC(golden.at("in.z")), tap);
        expectClose("decoded_z", images, golden.at("out.decoded_z"), golden.tight);
      });
      expect([...seen].toSorted()).toEqual(golden.names("out.tap_decoder").toSorted());
      decoder.dispose();
    });
  });

  test.each(KL)("encodes images to the golden moments, with every tap, in %s", async (name) => {
    const golden = readGolden<AutoencoderConfig>(name);
    await expectNoLeak(async () => {
      const encoder = createEncoder(golden.config, golden.weights());
      const decoder = createDecoder(golden.config, golden.weights());
      const { tap, seen } = goldenTaps(golden);
      const image: Tensor4D = toNHWC(golden.at("in.image"));
      const encoding = await encoder.encode(image, tap);
      expect([...seen].toSorted()).toEqual(golden.names("out.tap_encoder").toSorted());
      if (encoding.kind !== "kl") throw new Error("not a KL encoding");
      tidy(() => {
        expectClose("mean", encoding.mean, golden.at("out.mean"), golden.tight);
        expectClose("logvar", encoding.logvar, golden.at("out.logvar"), golden.tight);
        const again = decoder.decode(encoding.mean);
        expectClose("reconstruction", again, golden.at("out.reconstruction_from_mean"), golden.tight);
      });
      dispose([image, encoding.mean, encoding.logvar]);
      encoder.dispose();
      decoder.dispose();
    });
  });

  test.each(VQ)("encodes images to the golden codes, with every tap, in %s", async (name) => {
    const golden = readGolden<AutoencoderConfig>(name);
    await expectNoLeak(async () => {
      const encoder = createEncoder(golden.config, golden.weights());
      const decoder = createDecoder(golden.config, golden.weights());
      const { tap, seen } = goldenTaps(golden);
      const image = toNHWC(golden.at("in.image"));
      const encoding = await encoder.encode(image, tap);
      expect([...seen].toSorted()).toEqual(golden.names("out.tap_encoder").toSorted());
      if (encoding.kind !== "vq") throw new Error("not a VQ encoding");
      tidy(() => {
        expectClose("prequant", encoding.prequant, golden.at("out.latent_prequant"), golden.tight);
        expectValuesClose("indices", encoding.indices, golden.at("out.indices").values, { atol: 0, rtol: 0 });
        expectClose("quantised", encoding.quantised, golden.at("out.quantized"), { atol: 0, rtol: 0 });
        const again = decoder.decode(encoding.quantised);
        expectClose("reconstruction", again, golden.at("out.reconstruction"), golden.tight);
      });
      dispose([image, encoding.prequant, encoding.quantised]);
      encoder.dispose();
      decoder.dispose();
    });
  });
});

test.each([...KL, ...VQ])("the two specs together name exactly the weights of %s", (name) => {
  const golden = readGolden<AutoencoderConfig>(name);
  const shapes = new Map([...golden.weights()].map(([key, { shape }]) => [key, [...shape]]));
  expect(new Map([...encoderSpec(golden.config), ...decoderSpec(golden.config)])).toEqual(shapes);
});
