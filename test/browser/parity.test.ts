import { beforeAll, describe, expect, test } from "vitest";
import { browserBackends } from "#workers/browserBackends.ts";
import { runCase } from "../../cli/parity/runCase.ts";
import { goldenFolder } from "./goldenFolder.ts";

/** One case of each kind that computes on tensors; the software adapter of the tests is too slow for all of them. */
const SUBSET = [
  "00_ops",
  "01_dit_cond_p2",
  "02_ae_kl_f8_g4",
  "02_ae_vq_f8_attn_g8",
  "03_sampler_analytic",
  "03_c2f_heun",
  "03_cfg_all_channels",
  "05_scores",
  "08_adamw_decay",
  "11_unet_cond",
  "12_containers",
];

describe("golden cases on WebGPU", () => {
  beforeAll(async () => {
    await browserBackends.open("webgpu");
  });

  test.each(SUBSET)("%s agrees within its tolerance", async (name) => {
    const outcome = await runCase(goldenFolder, `${name}.json`);
    expect(outcome.status === "failed" ? outcome.reason : outcome.status).toBe("passed");
  });
});
