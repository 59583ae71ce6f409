import { type Tensor, type Tensor4D, tensor, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { linearBiasGradient, linearWeightGradient } from "#kernels/linearGradients.ts";
import { ditForward, uploadDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import { ditPass } from "#models/ditPass.ts";
import type { LayerGradient } from "#models/layerGradient.ts";
import { disposeTensors, type WeightTensors } from "#models/tensors.ts";
import { velocityLossGradients } from "#models/velocityLoss.ts";
import { BACKENDS, expectNoLeak, useBackend } from "./support/backends.ts";
import { randomWeights } from "./support/randomWeights.ts";

const CONFIG: DiTConfig = {
  input_size: 4,
  patch_size: 2,
  in_channels: 3,
  hidden_size: 24,
  depth: 2,
  num_heads: 2,
  mlp_ratio: 2.5,
  num_classes: 3,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};
const TIMES = [0, 0.4, 1];
const LABELS = [2, 3, 2];
const WEIGHTS = [1, 0.25, 2];

const states = (seed: number): Tensor4D => tensor4d(normals(seed, 0, 3 * 48), [3, 4, 4, 3]);

/** Σ w·ℓ, in float64. */
function loss(config: DiTConfig, tensors: WeightTensors): number {
  const velocity = tidy(() => ditForward(config, tensors, states(1), TIMES, LABELS).dataSync<"float32">());
  const target = normals(2, 0, velocity.length);
  const size = velocity.length / WEIGHTS.length;
  return velocity.reduce(
    (total, v, i) => total + (WEIGHTS[Math.floor(i / size)] * (v - target[i]) ** 2) / size,
    0,
  );
}

/** Gradients by name on the host, in the engine's layout. */
function gradients(config: DiTConfig, tensors: WeightTensors): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  const visit = (gradient: LayerGradient) => {
    if (gradient.kind === "linear") {
      const { name, x, delta } = gradient;
      found.set(
        `${name}.weight`,
        tidy(() => linearWeightGradient(x, delta).dataSync<"float32">()),
      );
      found.set(
        `${name}.bias`,
        tidy(() => linearBiasGradient(delta).dataSync<"float32">()),
      );
    } else {
      const rows = new Float32Array(tensors.get(gradient.name)?.size ?? 0);
      const delta = gradient.delta.dataSync();
      const width = gradient.delta.shape[1];
      gradient.labels.forEach((label, b) => {
        for (let i = 0; i < width; i++) rows[label * width + i] += delta[b * width + i];
      });
      found.set(gradient.name, rows);
    }
  };
  tidy(() => {
    const batch = { x: states(1), times: TIMES, labels: LABELS, target: states(2), weights: WEIGHTS };
    velocityLossGradients(config, tensors, batch, visit);
  });
  return found;
}

describe.each(BACKENDS)("a pass of the DiT on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([
    ["", CONFIG],
    [", with the variance of learn_sigma", { ...CONFIG, learn_sigma: true }],
    [", of single pixels", { ...CONFIG, patch_size: 1, depth: 1 }],
  ])("gives the bits of the forward pass and leaves nothing%s", async (_, config) => {
    await expectNoLeak(() => {
      const tensors = uploadDiT(config, randomWeights(ditSpec(config), 5));
      tidy(() => {
        const pass = ditPass(config, tensors, states(1), TIMES, LABELS);
        const want = ditForward(config, tensors, states(1), TIMES, LABELS);
        expect(pass.velocity.shape).toEqual(want.shape);
        expect([...pass.velocity.dataSync()]).toEqual([...want.dataSync()]);
      });
      disposeTensors(tensors);
    });
  });

  test("disposes all that it held, gone back or not", async () => {
    const tensors = uploadDiT(CONFIG, randomWeights(ditSpec(CONFIG), 5));
    const [x, dVelocity] = [states(1), states(2)];
    await expectNoLeak(() => {
      ditPass(CONFIG, tensors, x, TIMES, LABELS).dispose();
      const pass = ditPass(CONFIG, tensors, x, TIMES, LABELS);
      pass.backward(dVelocity, () => {});
      pass.dispose();
    });
    disposeTensors(tensors);
    for (const tensor of [x, dVelocity]) tensor.dispose();
  });

  test("losses are those of the samples, whatever their weights", async () => {
    const tensors = uploadDiT(CONFIG, randomWeights(ditSpec(CONFIG), 5));
    await expectNoLeak(() =>
      tidy(() => {
        const batch = { x: states(1), times: TIMES, labels: LABELS, target: states(2), weights: WEIGHTS };
        const losses = velocityLossGradients(CONFIG, tensors, batch, () => {}).losses.dataSync<"float32">();
        const weighted = losses.reduce((total, value, b) => total + value * WEIGHTS[b], 0);
        expect(weighted).toBeCloseTo(loss(CONFIG, tensors), 5);
      }),
    );
    disposeTensors(tensors);
  });

  test.each([
    ["", CONFIG],
    [", with the variance of learn_sigma", { ...CONFIG, learn_sigma: true }],
    [", of single pixels and one block", { ...CONFIG, patch_size: 1, depth: 1 }],
  ])("gradients of every weight equal central differences along them%s", async (_, config) => {
    const weights = randomWeights(ditSpec(config), 5);
    const tensors = uploadDiT(config, weights);
    const found = gradients(config, tensors);
    expect([...found.keys()].toSorted()).toEqual(
      [...tensors.keys()].filter((n) => n !== "pos_embed").toSorted(),
    );
    for (const [name, gradient] of found) {
      const length = Math.hypot(...gradient);
      if (name.endsWith("qkv.bias")) continue; // its middle third has none; the other thirds are checked by the golden case
      const difference =
        (alongGradient(config, tensors, name, gradient, 1) -
          alongGradient(config, tensors, name, gradient, -1)) /
        (2 * STEP);
      // The loss has 7 digits and changes by STEP·length: 1e-4 of it is what float32 can tell.
      expect(
        Math.abs(difference - length),
        `${name}: ${difference} along a gradient of ${length}`,
      ).toBeLessThan(2e-3 * length + 2e-4);
    }
    disposeTensors(tensors);
  });
});

const STEP = 4e-3;

/** The loss with the weight `name` moved by ±STEP along its gradient. */
function alongGradient(
  config: DiTConfig,
  tensors: WeightTensors,
  name: string,
  gradient: Float32Array,
  sign: number,
): number {
  const weight = tensors.get(name) as Tensor;
  const length = Math.hypot(...gradient);
  const values = weight.dataSync<"float32">().map((value, i) => value + (sign * STEP * gradient[i]) / length);
  return tidy(() => {
    const moved = new Map(tensors);
    moved.set(name, tensor(values, weight.shape));
    return loss(config, moved);
  });
}
