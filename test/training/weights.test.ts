import { tensor4d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { createDiT } from "#models/dit.ts";
import { ditSpec } from "#models/ditConfig.ts";
import { engineLayout, toEngineLayout, toStoredLayout } from "#models/layout.ts";
import type { WeightMap } from "#models/weights.ts";
import { initialDiTWeights } from "#training/initialWeights.ts";
import { withNewClass } from "#training/newClass.ts";
import { useBackend } from "../models/support/backends.ts";
import { randomWeights } from "../models/support/randomWeights.ts";
import { LIGHT, lightWeights } from "./support.ts";

beforeAll(() => useBackend("cpu"));

const velocity = (config: typeof LIGHT, weights: WeightMap, label: number): number[] => {
  const network = createDiT(config, weights);
  const values = tidy(() => [
    ...network.forward(tensor4d(normals(1, 0, 32), [1, 4, 4, 2]), [0.4], [label]).dataSync(),
  ]);
  network.dispose();
  return values;
};

describe("a new class", () => {
  test("leaves every old class and the null label what they drew, and begins as the null label", () => {
    const grown = withNewClass(LIGHT, lightWeights());
    expect(grown.label).toBe(3);
    expect(grown.config.num_classes).toBe(4);
    for (const label of [0, 1, 2])
      expect(velocity(grown.config, grown.weights, label)).toEqual(velocity(LIGHT, lightWeights(), label));
    expect(velocity(grown.config, grown.weights, 4)).toEqual(velocity(LIGHT, lightWeights(), 3));
    expect(velocity(grown.config, grown.weights, 3)).toEqual(velocity(LIGHT, lightWeights(), 3));
  });

  test("of a network without a null label begins as the mean of its classes", () => {
    const config = { ...LIGHT, class_dropout_prob: 0 };
    const { config: grown, weights } = withNewClass(config, randomWeights(ditSpec(config), 3));
    const rows = weights.get("y_embedder.embedding_table.weight");
    expect(rows?.shape).toEqual([4, 16]);
    const [a, b, c, added] = [0, 1, 2, 3].map((row) => rows?.values[row * 16 + 5] ?? Number.NaN);
    expect(added).toBeCloseTo((a + b + c) / 3, 6);
    expect(velocity(grown, weights, 3)).not.toEqual(velocity(grown, weights, 2));
  });

  test("is refused by a table of another size", () => {
    expect(() => withNewClass({ ...LIGHT, num_classes: 5 }, lightWeights())).toThrow(/WrongShape/);
    expect(() => withNewClass(LIGHT, new Map())).toThrow(/MissingWeight/);
  });
});

describe("weights from scratch", () => {
  const weights = initialDiTWeights(LIGHT, 7);

  test("fill the network's spec and give the velocity 0", () => {
    expect(velocity(LIGHT, weights, 1).every((value) => value === 0)).toBe(true);
    for (const [name, shape] of ditSpec(LIGHT))
      if (name !== "pos_embed") expect(weights.get(name)?.shape).toEqual(shape);
  });

  test("are uniform to the Xavier limit, small normals for embeddings, and another draw for another seed", () => {
    const qkv = weights.get("blocks.0.attn.qkv.weight")?.values ?? new Float32Array();
    const limit = Math.sqrt(6 / (16 + 48));
    expect(Math.max(...qkv)).toBeLessThan(limit);
    expect(Math.max(...qkv)).toBeGreaterThan(0.98 * limit);
    const table = weights.get("t_embedder.mlp.0.weight")?.values ?? new Float32Array();
    expect(Math.sqrt(table.reduce((sum, v) => sum + v * v, 0) / table.length)).toBeCloseTo(0.02, 3);
    expect(initialDiTWeights(LIGHT, 8).get("blocks.0.attn.qkv.weight")?.values).not.toEqual(qkv);
    expect(initialDiTWeights(LIGHT, 7)).toEqual(weights);
  });
});

test("turning weights to the engine's layout and back gives them as they were", () => {
  for (const [name, weight] of lightWeights()) {
    const layout = engineLayout(name, weight.shape);
    const { values } = toEngineLayout(weight, layout);
    expect(toStoredLayout(values, weight.shape, layout)).toEqual(weight);
  }
});
