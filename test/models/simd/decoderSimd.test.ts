import { memory, slice, type Tensor4D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { createDecoder, decoderSpec } from "#models/autoencoder.ts";
import type { AutoencoderConfig } from "#models/autoencoderConfig.ts";
import { simdDecodes } from "#models/simd/decoderSimd.ts";
import { useBackend } from "../support/backends.ts";
import { randomWeights } from "../support/randomWeights.ts";

const CONFIG: AutoencoderConfig = {
  kind: "kl",
  image_channels: 3,
  latent_channels: 4,
  hidden_channels: 8,
  channel_multipliers: [1, 2, 3],
  num_residual_blocks: 1,
  use_attention: false,
  residual_scale: 0.7,
  groups: 4,
};
/** Two latents of 5×3, which fill no vector. */
const latents = (): Tensor4D => tensor4d(normals(3, 0, 2 * 5 * 3 * 4), [2, 5, 3, 4]);

/** Pictures and every tap of both latents. */
function everyTap(): Map<string, Float32Array> {
  const seen = new Map<string, Float32Array>();
  const decoder = createDecoder(CONFIG, randomWeights(decoderSpec(CONFIG), 4));
  tidy(() => {
    let taps = 0;
    const pictures = decoder.decode(latents(), (name, value) => {
      seen.set(`${name} ${taps++}`, value.dataSync<"float32">().slice());
    });
    expect(pictures.shape).toEqual([2, 20, 12, 3]);
    seen.set("pictures", pictures.dataSync<"float32">().slice());
  });
  decoder.dispose();
  return seen;
}

describe("a decoder on our own kernels", () => {
  test("draws what the composition draws, block by block", async () => {
    await useBackend("wasm");
    const want = everyTap();
    await useBackend("simd");
    const got = everyTap();
    expect([...got.keys()]).toEqual([...want.keys()]);
    for (const [name, values] of want) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = values.reduce(
        (w, value, at) => Math.max(w, Math.abs(value - (got.get(name)?.[at] ?? 1e9))),
        0,
      );
      expect(worst, name).toBeLessThanOrEqual(1e-5 * largest); // sums of some hundred float32 in another order
    }
  });

  test("draws a picture of a batch as alone, bit for bit, and leaves nothing behind", async () => {
    await useBackend("simd");
    const before = memory().numTensors;
    const decoder = createDecoder(CONFIG, randomWeights(decoderSpec(CONFIG), 4));
    tidy(() => {
      const z = latents();
      const together = decoder.decode(z);
      const alone = decoder.decode(slice(z, [1, 0, 0, 0], [1, 5, 3, 4]));
      expect(slice(together, [1, 0, 0, 0], [1, 20, 12, 3]).dataSync()).toEqual(alone.dataSync());
    });
    decoder.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test("is left to the composition where it has attention or odd channels", () => {
    expect(simdDecodes(CONFIG)).toBe(true);
    expect(simdDecodes({ ...CONFIG, use_attention: true })).toBe(false);
    expect(simdDecodes({ ...CONFIG, hidden_channels: 12 })).toBe(false);
  });
});
