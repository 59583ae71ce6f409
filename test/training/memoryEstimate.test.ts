import { memory, profile } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import { flowMatching } from "#training/flowMatching.ts";
import { fullTraining } from "#training/fullTraining.ts";
import { DEFAULT_LORA, loraTraining } from "#training/loraTraining.ts";
import { memoryEstimate } from "#training/memoryEstimate.ts";
import { trainingRun } from "#training/trainingRun.ts";
import { useBackend } from "../models/support/backends.ts";
import { randomWeights } from "../models/support/randomWeights.ts";
import { tinyLatents } from "../scoring/support/tinyProxy.ts";
import { LIGHT, OPTIONS } from "./support.ts";

const SHORT: DiTConfig = { ...LIGHT, input_size: 16, hidden_size: 64, depth: 2, mlp_ratio: 4 };

describe("the memory of a step", () => {
  beforeAll(() => useBackend("wasm"));

  test.each([
    ["in full", SHORT, 6, false],
    ["in full, one sample at a time", SHORT, 1, false],
    ["with a narrow MLP", { ...SHORT, mlp_ratio: 2 }, 3, false],
    ["of low-rank matrices", SHORT, 6, true],
  ] as const)("is foreseen within a quarter: training %s", async (_, config, rows, lowRank) => {
    const weights = randomWeights(ditSpec(config), 1);
    const before = memory().numBytes;
    const trainable = lowRank
      ? loraTraining(config, weights, DEFAULT_LORA, 0)
      : fullTraining(config, weights);
    const latents = tinyLatents(6, 9, config);
    const set = { latents, kept: Uint32Array.from(latents.labels.keys()) };
    const run = trainingRun(trainable, set, flowMatching(config, set), { ...OPTIONS, microBatch: rows });
    const { peakBytes } = await profile(async () => (await run.advance()).step);
    run.dispose();
    const numbers = [...weights.values()].reduce((sum, { values }) => sum + values.length, 0);
    const size = { config, rows, trained: trainable.layout.size, weights: numbers, lowRank };
    const ratio = memoryEstimate(size).deviceBytes / (peakBytes - before);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });
});
