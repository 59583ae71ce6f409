import { memory, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { ditForward, uploadDiT } from "#models/dit.ts";
import { disposeTensors, type WeightTensors } from "#models/tensors.ts";
import type { WeightMap } from "#models/weights.ts";
import { withAdapter } from "#training/adapter.ts";
import { batchGradients } from "#training/batchGradients.ts";
import { addGradients } from "#training/hostOptimizer.ts";
import { DEFAULT_LORA, loraTraining } from "#training/loraTraining.ts";
import { partOf } from "#training/parameters.ts";
import { TrainingError } from "#training/trainingError.ts";
import { BACKENDS, useBackend } from "../models/support/backends.ts";
import { expectValuesClose } from "../models/support/golden.ts";
import { LIGHT, lightWeights } from "./support.ts";

const TIMES = [0.1, 0.7];
const LABELS = [1, 3];
const states = (seed: number) => tensor4d(normals(seed, 0, 64), [2, 4, 4, 2]);

const velocityOf = (tensors: WeightTensors): Float32Array =>
  tidy(() => ditForward(LIGHT, tensors, states(1), TIMES, LABELS).dataSync<"float32">().slice());

const lora = (rank = 2) => loraTraining(LIGHT, lightWeights(), { ...DEFAULT_LORA, rank, alpha: 3 }, 1);

/** Low-rank matrices that change something. */
const somewhere = (size: number): Float32Array => normals(4, 0, size).map((value) => 0.3 * value);

describe.each(BACKENDS)("low-rank training on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("begins with the network as it is, bit for bit", () => {
    const trainable = lora();
    const network = trainable.load(trainable.initial());
    const frozen = uploadDiT(LIGHT, lightWeights());
    expect(velocityOf(network.tensors)).toEqual(velocityOf(frozen));
    network.unload();
    disposeTensors(frozen);
    trainable.dispose();
  });

  test("merged on the host draws what is trained on the device, and leaves no tensor", () => {
    const before = memory().numTensors;
    const trainable = lora();
    const values = somewhere(trainable.layout.size);
    const network = trainable.load(values);
    const merged = uploadDiT(LIGHT, trainable.weights(values));
    const trained = velocityOf(network.tensors);
    expectValuesClose("velocity", velocityOf(merged), trained, { atol: 2e-5, rtol: 2e-5 }); // merged in another order
    network.unload();
    disposeTensors(merged);
    const frozen = uploadDiT(LIGHT, lightWeights());
    expect(Math.max(...velocityOf(frozen).map((v, i) => Math.abs(v - trained[i])))).toBeGreaterThan(0.1);
    disposeTensors(frozen);
    trainable.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test("gradients of every A, every B and the label table equal central differences along them", async () => {
    const trainable = lora();
    const values = somewhere(trainable.layout.size);
    const lossOf = (at: Float32Array): number => {
      const network = trainable.load(at);
      const velocity = velocityOf(network.tensors);
      network.unload();
      const target = normals(2, 0, 64);
      return velocity.reduce((sum, v, i) => sum + (v - target[i]) ** 2 / 64, 0);
    };
    const gradient = new Float32Array(values.length);
    const network = trainable.load(values);
    const batch = { x: states(1), times: TIMES, labels: LABELS, target: states(2), weights: [0.5, 0.5] };
    await batchGradients(trainable, network, batch, (gradients) =>
      addGradients(trainable.layout, gradients, gradient),
    );
    network.unload();
    for (const tensor of [batch.x, batch.target]) tensor.dispose();
    for (const [name, slot] of trainable.layout.slots) {
      const part = partOf(gradient, slot);
      const length = Math.hypot(...part);
      const moved = (sign: number) => {
        const at = values.slice();
        part.forEach((g, i) => {
          at[slot.offset + i] += (sign * 4e-3 * g) / length;
        });
        return lossOf(at);
      };
      const difference = (moved(1) - moved(-1)) / 8e-3;
      // float32 tells the loss to 1e-6 of it, and the difference to 1e-4
      expect(Math.abs(difference - length), `${name}: ${difference}, ${length}`).toBeLessThan(
        3e-3 * length + 3e-4,
      );
    }
    trainable.dispose();
  });
});

describe("an adapter", () => {
  beforeAll(() => useBackend("cpu"));

  test("has A [r,in] and B [out,r] whose product, scaled, is what merging adds", () => {
    const trainable = lora(3);
    const values = somewhere(trainable.layout.size);
    const adapter = trainable.adapter(values);
    const [a, b] = ["A", "B"].map((side) => adapter.get(`blocks.0.mlp.fc1.lora_${side}.weight`));
    expect([a?.shape, b?.shape]).toEqual([
      [3, 16],
      [32, 3],
    ]);
    const weightOf = (weights: WeightMap) =>
      weights.get("blocks.0.mlp.fc1.weight")?.values ?? new Float32Array();
    const base = weightOf(lightWeights());
    const added = weightOf(trainable.weights(values)).map((value, i) => value - base[i]);
    for (const [out, input] of [
      [0, 0],
      [31, 15],
      [5, 7],
    ]) {
      const product = [0, 1, 2].reduce(
        (sum, r) => sum + (a?.values[r * 16 + input] ?? 0) * (b?.values[out * 3 + r] ?? 0),
        0,
      );
      expect(added[out * 16 + input]).toBeCloseTo(product * (3 / 3), 5);
    }
    expect(adapter.size).toBe(2 * 5 + 1);
    trainable.dispose();
  });

  test("put on the network that it began with gives the merged weights, bit for bit", () => {
    const trainable = lora(3);
    const values = somewhere(trainable.layout.size);
    const merged = withAdapter(lightWeights(), trainable.adapter(values), 3 / 3);
    expect(merged).toEqual(trainable.weights(values));
    trainable.dispose();
  });

  test("does not go on a network of other layers or sizes", () => {
    const trainable = lora(3);
    const adapter = trainable.adapter(trainable.initial());
    trainable.dispose();
    const other = new Map(lightWeights());
    other.set("blocks.0.mlp.fc1.weight", { shape: [16, 32], values: new Float32Array(512) });
    expect(() => withAdapter(other, adapter, 1)).toThrow(/blocks\.0\.mlp\.fc1/);
    expect(() => withAdapter(new Map(), adapter, 1)).toThrow(TrainingError);
  });

  test("leaves all else of the network as it was", () => {
    const trainable = lora();
    const weights = trainable.weights(somewhere(trainable.layout.size));
    for (const name of ["x_embedder.proj.weight", "final_layer.linear.weight", "blocks.0.attn.qkv.bias"])
      expect(weights.get(name)).toEqual(lightWeights().get(name));
    trainable.dispose();
  });

  test.each([
    ["rank 0", { ...DEFAULT_LORA, rank: 0 }],
    ["a fraction of a rank", { ...DEFAULT_LORA, rank: 1.5 }],
    ["a layer that there is not", { ...DEFAULT_LORA, layers: ["attn.q"] }],
  ])("of %s is refused", (_, options) => {
    expect(() => loraTraining(LIGHT, lightWeights(), options, 1)).toThrow(TrainingError);
  });
});
