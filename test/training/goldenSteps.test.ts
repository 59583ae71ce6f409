import { tensor1d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { pointOnPath, targetVelocity } from "#flow/path.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { WeightArray } from "#models/weights.ts";
import { fullTraining } from "#training/fullTraining.ts";
import type { Objective } from "#training/objective.ts";
import { trainingRun } from "#training/trainingRun.ts";
import { DEFAULT_TRAIN_OPTIONS } from "#training/trainOptions.ts";
import { BACKENDS, expectNoLeak, useBackend } from "../models/support/backends.ts";
import { expectValuesClose, readGolden, toNHWC } from "../models/support/golden.ts";

interface AdamConfig {
  readonly model: DiTConfig;
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weight_decay: number;
}

const STEPS = 5;
/** The case's own limit for weights, which an update in the wrong direction passes at once. */
const CLOSE = { atol: 3e-5, rtol: 1e-4 };

describe.each(BACKENDS)("five steps of a run on golden batches, on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(["08_adamw_official", "08_adamw_decay"])(
    "end at the golden weights of %s, and average them warmed",
    async (name) => {
      const golden = readGolden<AdamConfig>(name);
      const { model, lr, betas, eps, weight_decay } = golden.config;
      const at = (input: string, step: number): WeightArray => {
        const { shape, values } = golden.at(`in.${input}`);
        const size = values.length / STEPS;
        return { shape: shape.slice(1), values: values.slice(step * size, (step + 1) * size) };
      };
      const batch = at("t", 0).values.length;
      const objective: Objective = {
        begin: ({ step }) => ({
          batch(from, to) {
            const times = [...at("t", step).values];
            expect([from, to]).toEqual([0, batch]);
            const { x, target } = tidy(() => {
              const [x0, x1] = [toNHWC(at("x0", step)), toNHWC(at("x1", step))];
              return { x: pointOnPath(x0, x1, tensor1d(times)), target: targetVelocity(x0, x1) };
            });
            const rows = { times, labels: [...at("y", step).values], parts: times.map(() => "fm") };
            return { x, target, ...rows, weights: times.map(() => 1 / batch) };
          },
        }),
      };
      const shape = { channels: model.in_channels, height: model.input_size, width: model.input_size };
      const one = {
        shape,
        values: new Float32Array(shape.channels * shape.height ** 2),
        labels: new Int32Array(1),
      };
      const options = {
        ...DEFAULT_TRAIN_OPTIONS,
        batch,
        microBatch: batch,
        learningRate: lr,
        warmupSteps: 0,
        beta1: betas[0],
        beta2: betas[1],
        eps,
        weightDecay: weight_decay,
      };
      await expectNoLeak(async () => {
        const trainable = fullTraining(model, golden.weights());
        const run = trainingRun(trainable, { latents: one, kept: Uint32Array.of(0) }, objective, options);
        const averaged = trainable.initial();
        for (let step = 0; step < STEPS; step++) {
          const { loss } = await run.advance();
          expectValuesClose("loss", [loss], [golden.at("out.losses").values[step]], {
            atol: 1e-5,
            rtol: 1e-5,
          });
          // (1 + n)/(10 + n) of what was, the rest of what is
          averaged.forEach((value, i) => {
            averaged[i] = ((1 + step) * value + 9 * run.values("current")[i]) / (10 + step);
          });
        }
        expectValuesClose("average", run.values("average"), averaged, { atol: 1e-6, rtol: 1e-6 });
        for (const [weight, { values }] of run.weights("current")) {
          const want = golden.at(`out.final.${weight}`).values.slice();
          // float noise alone moves the k third of this bias, whose gradient is 0
          if (weight.endsWith("qkv.bias"))
            want.set(values.subarray(model.hidden_size, 2 * model.hidden_size), model.hidden_size);
          expectValuesClose(weight, values, want, CLOSE);
        }
        run.dispose();
      });
    },
  );
});
