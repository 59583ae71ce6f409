import { memory, type Tensor4D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import { expectNoLeak, NETWORK_BACKENDS, useBackend } from "./support/backends.ts";
import { expectValuesClose } from "./support/golden.ts";
import { randomWeights } from "./support/randomWeights.ts";

const CONFIG: DiTConfig = {
  input_size: 4,
  patch_size: 2,
  in_channels: 4,
  hidden_size: 16,
  depth: 2,
  num_heads: 2,
  mlp_ratio: 2,
  num_classes: 3,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};
/** Products of 16 to 32 terms of order 1, added in one order or another. */
const ROUNDING = { atol: 2e-6, rtol: 1e-5 };
const create = (config = CONFIG) => createDiT(config, randomWeights(ditSpec(config), 1));
const states = (batch: number): Tensor4D => tensor4d(normals(2, 0, batch * 64), [batch, 4, 4, 4]);

describe.each(NETWORK_BACKENDS)("a DiT trajectory on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("guided velocity is v_u + w (v_c − v_u) of two plain passes, on every channel", async () => {
    await expectNoLeak(() => {
      const model = create();
      tidy(() => {
        const [x, t, labels, w] = [states(2), 0.4, [2, 0], 2.5];
        const guided = model.begin([t], labels, w);
        const conditional = model.forward(x, [t, t], labels).dataSync();
        const unconditional = model.forward(x, [t, t], [3, 3]).dataSync();
        const want = conditional.map((c, i) => unconditional[i] + w * (c - unconditional[i]));
        expectValuesClose("guided", guided.velocity(0, x).dataSync(), want, ROUNDING);
        guided.end();
      });
      model.dispose();
    });
  });

  test("more than 64 times, revisited in any order, give what a fresh pass gives", async () => {
    await expectNoLeak(() => {
      const model = create();
      tidy(() => {
        const x = states(1);
        const times = Array.from({ length: 150 }, (_, i) => i / 149);
        const trajectory = model.begin(times, [1], 1);
        for (const index of [0, 63, 64, 149, 3]) {
          const want = model.forward(x, [times[index]], [1]).dataSync();
          expectValuesClose(`evaluation ${index}`, trajectory.velocity(index, x).dataSync(), want, ROUNDING);
        }
        trajectory.end();
      });
      model.dispose();
    });
  });

  test("the number of tensors does not grow with evaluations, and end gives everything back", async () => {
    const model = create();
    const x = states(2);
    const before = memory().numTensors;
    const trajectory = model.begin([0, 0.5, 1], [0, 1], 1.5);
    trajectory.velocity(0, x).dispose();
    const during = memory().numTensors;
    for (const index of [1, 2, 0]) trajectory.velocity(index, x).dispose();
    expect(memory().numTensors).toBe(during);
    trajectory.end();
    trajectory.end();
    expect(memory().numTensors).toBe(before);
    expect(() => trajectory.velocity(0, x)).toThrow("TrajectoryEnded");
    x.dispose();
    model.dispose();
  });

  test("a network that also learns a variance gives the channels of the velocity only", async () => {
    await expectNoLeak(() => {
      const config = { ...CONFIG, learn_sigma: true };
      const weights = new Map(randomWeights(ditSpec(config), 1));
      const both = createDiT(config, weights);
      // The same network with the rows of the velocity's channels alone: features are (dy, dx, channel).
      for (const [name, width] of [
        ["weight", 16],
        ["bias", 1],
      ] as const) {
        const key = `final_layer.linear.${name}`;
        const stored = weights.get(key)?.values ?? new Float32Array();
        const kept = stored.filter((_, index) => Math.floor(index / width) % 8 < 4);
        weights.set(key, { shape: name === "weight" ? [16, 16] : [16], values: kept });
      }
      const one = createDiT(CONFIG, weights);
      tidy(() => {
        const x = states(2);
        const [got, want] = [both, one].map((model) => model.forward(x, [0.3, 0.6], [0, 1]));
        expect(got.shape).toEqual([2, 4, 4, 4]);
        expectValuesClose("velocity", got.dataSync(), want.dataSync(), ROUNDING);
      });
      both.dispose();
      one.dispose();
    });
  });
});
