import { tensor1d, tidy } from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { pointOnPath, targetVelocity } from "#flow/path.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { WeightArray, WeightMap } from "#models/weights.ts";
import { fullTraining } from "#training/fullTraining.ts";
import type { Objective } from "#training/objective.ts";
import { trainingRun } from "#training/trainingRun.ts";
import { DEFAULT_TRAIN_OPTIONS } from "#training/trainOptions.ts";
import { toStates } from "../../cli/parity/hostTensor.ts";
import { expectValuesClose } from "../models/support/valuesClose.ts";

/** A golden case of optimizer steps. */
export interface GoldenSteps {
  readonly config: {
    readonly model: DiTConfig;
    readonly lr: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weight_decay: number;
  };
  at(name: string): WeightArray;
  weights(): WeightMap;
}

const STEPS = 5;
/** The case's own limit for weights, which an update in the wrong direction passes at once. */
const CLOSE = { atol: 3e-5, rtol: 1e-4 };

/** Makes the five steps of a case, from its batches, and expects its losses and weights, and the warmed average of the weights. Gives
 *  where the optimizer was. */
export async function expectGoldenSteps(golden: GoldenSteps): Promise<"host" | "device"> {
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
          const [x0, x1] = [toStates(at("x0", step)), toStates(at("x1", step))];
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
  const trainable = fullTraining(model, golden.weights());
  const run = trainingRun(trainable, { latents: one, kept: Uint32Array.of(0) }, objective, options);
  const averaged = trainable.initial();
  for (let step = 0; step < STEPS; step++) {
    const { loss } = await run.advance();
    expectValuesClose("loss", [loss], [golden.at("out.losses").values[step]], { atol: 1e-5, rtol: 1e-5 });
    // (1 + n)/(10 + n) of what was, the rest of what is
    const current = await run.values("current");
    averaged.forEach((value, i) => {
      averaged[i] = ((1 + step) * value + 9 * current[i]) / (10 + step);
    });
  }
  expectValuesClose("average", await run.values("average"), averaged, { atol: 1e-6, rtol: 1e-6 });
  for (const [weight, { values }] of await run.weights("current")) {
    const want = golden.at(`out.final.${weight}`).values.slice();
    // float noise alone moves the k third of this bias, whose gradient is 0
    if (weight.endsWith("qkv.bias"))
      want.set(values.subarray(model.hidden_size, 2 * model.hidden_size), model.hidden_size);
    expectValuesClose(weight, values, want, CLOSE);
  }
  run.dispose();
  return run.optimizer;
}
