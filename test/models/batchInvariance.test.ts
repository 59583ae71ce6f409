import { slice, type Tensor4D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { createDecoder, decoderSpec } from "#models/autoencoder.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import { createUNet } from "#models/unet.ts";
import { type UNetConfig, unetSpec } from "#models/unetConfig.ts";
import { expectNoLeak, useBackend } from "./support/backends.ts";
import { randomWeights } from "./support/randomWeights.ts";

const TIMES = [0, 0.25, 0.25, 1];
const LABELS = [0, 3, 3, 1, 2, 0, 3, 1];
/** Images that are also computed alone: the first, the last, and one in the middle that shares its label. */
const CHOSEN = [0, 2, 7];

const dit = (hidden_size: number, num_heads: number, input_size: number): DiTConfig => ({
  input_size,
  patch_size: 2,
  in_channels: 4,
  hidden_size,
  depth: 2,
  num_heads,
  mlp_ratio: 4,
  num_classes: 4,
  class_dropout_prob: 0.1,
  learn_sigma: false,
});
const unet: UNetConfig = {
  input_size: 8,
  in_channels: 4,
  num_classes: 4,
  base_channels: 8,
  channel_mult: [1, 2],
  num_res_blocks: 1,
  attn_levels: [1],
  groups: 4,
};

/** States [8,S,S,C], the images of a batch as noise of their own seeds. */
const states = (side: number, channels: number): Tensor4D =>
  tensor4d(normals(5, 0, LABELS.length * side * side * channels), [LABELS.length, side, side, channels]);
const image = (batch: Tensor4D, k: number): Tensor4D =>
  slice(batch, [k, 0, 0, 0], [1, batch.shape[1], batch.shape[2], batch.shape[3]]);
/** Compares bits, which `toEqual` on typed arrays does for all but the sign of zero. */
const expectSameBits = (got: Tensor4D, want: Tensor4D) => expect(got.dataSync()).toEqual(want.dataSync());

describe.each(["wasm", "simd"] as const)(
  "image k of a batch of 8 equals the same image alone, bit for bit, on %s",
  (backend) => {
    beforeAll(() => useBackend(backend));

    test.each([
      ["5 tokens a side, odd widths", dit(20, 5, 10), 1],
      ["64 tokens, light width", dit(128, 2, 16), 1],
      ["64 tokens, light width, guided", dit(128, 2, 16), 1.5],
      ["64 tokens, heavy width, guided", dit(256, 4, 16), 1.5],
    ])("DiT: %s", async (_, config, guidance) => {
      await expectNoLeak(() => {
        const model = createDiT(config, randomWeights(ditSpec(config), 1));
        tidy(() => {
          const x = states(config.input_size, 4);
          const together = model.begin(TIMES, LABELS, guidance);
          CHOSEN.forEach((k) => {
            const alone = model.begin(TIMES, [LABELS[k]], guidance);
            for (const index of [0, 3])
              expectSameBits(image(together.velocity(index, x), k), alone.velocity(index, image(x, k)));
            alone.end();
          });
          together.end();
        });
        model.dispose();
      });
    });

    test("U-Net", async () => {
      await expectNoLeak(() => {
        const model = createUNet(unet, randomWeights(unetSpec(unet), 2));
        tidy(() => {
          const x = states(unet.input_size, 4);
          const batch = model.begin(TIMES, LABELS, 1).velocity(1, x);
          CHOSEN.forEach((k) => {
            expectSameBits(image(batch, k), model.begin(TIMES, [LABELS[k]], 1).velocity(1, image(x, k)));
          });
        });
        model.dispose();
      });
    });

    test("decoder", async () => {
      const config = {
        kind: "kl" as const,
        image_channels: 3,
        latent_channels: 4,
        hidden_channels: 8,
        channel_multipliers: [1, 2],
        num_residual_blocks: 1,
        use_attention: true,
        residual_scale: 0.7,
        groups: 4,
      };
      await expectNoLeak(() => {
        const decoder = createDecoder(config, randomWeights(decoderSpec(config), 3));
        tidy(() => {
          const z = states(8, 4);
          const batch = decoder.decode(z);
          CHOSEN.forEach((k) => {
            expectSameBits(image(batch, k), decoder.decode(image(z, k)));
          });
        });
        decoder.dispose();
      });
    });
  },
);
