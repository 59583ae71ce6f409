import { afterEach, describe, expect, test } from "vitest";
import { decoderSpec } from "#models/autoencoder.ts";
import type { AutoencoderConfig } from "#models/autoencoderConfig.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import { ownNetworks } from "#models/ownNetworks.ts";
import { installedSimd, installSimd } from "#simd/installed.ts";
import { openChosen } from "#workers/openBackend.ts";
import type { BackendReport, EngineEvent, KernelChoice } from "#workers/protocol.ts";
import { nodeBackends } from "../../cli/nodeBackends.ts";
import { randomWeights } from "../models/support/randomWeights.ts";

const DIT: DiTConfig = {
  input_size: 4,
  patch_size: 2,
  in_channels: 2,
  hidden_size: 8,
  depth: 1,
  num_heads: 1,
  mlp_ratio: 2,
  num_classes: 2,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};
const DECODER: AutoencoderConfig = {
  kind: "kl",
  image_channels: 3,
  latent_channels: 4,
  hidden_channels: 8,
  channel_multipliers: [1, 2],
  num_residual_blocks: 1,
  use_attention: false,
  residual_scale: 0.7,
  groups: 2,
};
const DECODER_WEIGHTS = randomWeights(decoderSpec(DECODER), 1);

afterEach(() => installSimd(null));

async function reportOf(kernels: KernelChoice): Promise<BackendReport | null> {
  const events: EngineEvent[] = [];
  await openChosen(nodeBackends, "wasm", kernels, (event) => events.push(event));
  const told = events.find((event) => event.type === "backend");
  return told?.type === "backend" ? told.report : null;
}

describe("WebAssembly", () => {
  test("is opened with our own kernels, and says so", async () => {
    expect((await reportOf("own"))?.kernels).toBe("our own, SIMD on 1 thread");
    expect(installedSimd()).not.toBeNull();
  });

  test("is opened without them when that was asked for", async () => {
    await reportOf("own");
    expect((await reportOf("plain"))?.kernels).toBe("those of TensorFlow.js");
    expect(installedSimd()).toBeNull();
  });

  test.each([
    ["dit", "decoder"],
    ["decoder", "dit"],
  ] as const)("leaves the %s to TensorFlow.js where it is switched off, and only that", async (off, on) => {
    expect((await reportOf({ off: [off] }))?.kernels).toBe(`our own, SIMD on 1 thread, without ${off}`);
    const networks = ownNetworks();
    const own = { dit: networks?.dit(DIT), decoder: networks?.decoder(DECODER, DECODER_WEIGHTS) };
    expect(own[off]).toBeNull();
    expect(own[on]).not.toBeNull();
  });

  test("says which of the names are not of its kernels", async () => {
    const { kernels } = (await reportOf({ off: ["attention", "dit"] })) ?? {};
    expect(kernels).toBe("our own, SIMD on 1 thread, without dit; attention is not among them");
    const both = (await reportOf({ off: ["attention", "silu"] }))?.kernels;
    expect(both).toBe("our own, SIMD on 1 thread; attention, silu are not among them");
  });
});
