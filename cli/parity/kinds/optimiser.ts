import { dispose, type Tensor4D, tensor1d } from "@tensorflow/tfjs-core";
import * as v from "valibot";
import { pointOnPath, targetVelocity } from "#flow/path.ts";
import { POS_EMBED } from "#models/positionCheck.ts";
import type { VelocityBatch } from "#models/velocityLoss.ts";
import type { WeightMap } from "#models/weights.ts";
import { adamWStep } from "#training/adamW.ts";
import { updateAverage } from "#training/average.ts";
import { batchGradients } from "#training/batchGradients.ts";
import { fullTraining } from "#training/fullTraining.ts";
import { addGradients } from "#training/hostOptimizer.ts";
import { CaseError } from "../caseError.ts";
import type { Closeness } from "../comparison.ts";
import { ditConfig } from "../configs.ts";
import { type GoldenCase, inputOf, readConfig, weightsOf } from "../goldenCase.ts";
import { type HostTensor, toStates } from "../hostTensor.ts";
import type { Kind, KindContext } from "../kind.ts";

const limit = v.optional(v.pipe(v.number(), v.minValue(0)));
const schema = v.object({
  config: v.object({
    model: ditConfig,
    ema_decays: v.array(v.number()),
    steps: v.pipe(v.number(), v.integer(), v.minValue(1)),
    lr: v.number(),
    betas: v.tuple([v.number(), v.number()]),
    eps: v.number(),
    weight_decay: v.number(),
  }),
  atol_weights: limit,
  atol_ema: limit,
  /** Rows [from, to) of weights whose names match, which float noise alone decides. */
  skip: v.optional(v.record(v.string(), v.tuple([v.number(), v.number()])), {}),
});

/** Steps of AdamW on given batches: losses, the first gradient, the weights, and averages of constant decays. */
export const optimiser: Kind = async (context) => {
  const { golden, compare } = context;
  const { config, skip, atol_weights, atol_ema } = readConfig(golden, schema);
  const given = weightsOf(golden);
  const trainable = fullTraining(config.model, given);
  const weights = trainable.initial();
  const moments = { first: new Float32Array(weights.length), second: new Float32Array(weights.length) };
  const averages = config.ema_decays.map((decay) => ({ decay, values: weights.slice() }));
  const adam = {
    beta1: config.betas[0],
    beta2: config.betas[1],
    eps: config.eps,
    weightDecay: config.weight_decay,
  };
  const losses: number[] = [];
  for (let step = 0; step < config.steps; step++) {
    const gradient = new Float32Array(weights.length);
    const network = trainable.load(weights);
    const batch = batchOf(golden, step);
    const result = await batchGradients(trainable, network, batch, (gradients) =>
      addGradients(trainable.layout, gradients, gradient),
    );
    network.unload();
    dispose([batch.x, batch.target]);
    losses.push(result.losses.reduce((sum, loss) => sum + loss, 0) / result.losses.length);
    if (step === 0) compareWeights(context, "grad_step1", trainable.weights(gradient), skip);
    adamWStep(weights, gradient, moments, step + 1, config.lr, adam);
    for (const { decay, values } of averages) updateAverage(values, weights, decay);
  }
  trainable.dispose();
  compare.output("losses", { shape: [losses.length], values: Float32Array.from(losses) });
  const within = (atol: number | undefined): Closeness | undefined =>
    atol === undefined || compare.limits === null ? undefined : { atol, rtol: compare.limits.rtol };
  const whole = (values: Float32Array): WeightMap => new Map([...given, ...trainable.weights(values)]);
  compareWeights(context, "final", whole(weights), skip, within(atol_weights));
  averages.forEach(({ decay, values }, index) => {
    compareWeights(context, index === 0 ? "ema" : `ema_${decay}`, whole(values), skip, within(atol_ema));
  });
};

/** Batch number `step` of a case, whose inputs have the step as their first axis. */
function batchOf(golden: GoldenCase, step: number): VelocityBatch {
  const at = (name: string): HostTensor => {
    const { shape, values } = inputOf(golden, name);
    const [steps = 0, ...rest] = shape;
    if (step >= steps) throw new CaseError(`in.${name} has ${steps} steps`);
    const size = values.length / steps;
    return { shape: rest, values: values.subarray(step * size, (step + 1) * size) };
  };
  const [x0, x1]: Tensor4D[] = [toStates(at("x0")), toStates(at("x1"))];
  const times = [...at("t").values];
  const t = tensor1d(times);
  const batch = {
    x: pointOnPath(x0, x1, t),
    target: targetVelocity(x0, x1),
    times,
    labels: [...at("y").values],
    weights: times.map(() => 1 / times.length),
  };
  dispose([x0, x1, t]);
  return batch;
}

/** Compares `out.<prefix>.<name>` for every weight that the case holds; skipped rows are taken from the case. */
function compareWeights(
  { golden, compare }: KindContext,
  prefix: string,
  weights: WeightMap,
  skip: Readonly<Record<string, readonly [number, number]>>,
  closeness?: Closeness,
): void {
  for (const [name, { shape, values }] of weights) {
    if (prefix === "grad_step1" && name === POS_EMBED) continue;
    const want = golden.tensors.get(`out.${prefix}.${name}`);
    if (!want) continue;
    const got = Float32Array.from(values);
    const rowSize = got.length / (shape[0] ?? 1);
    for (const [pattern, [from, to]] of Object.entries(skip)) {
      if (matches(pattern, name)) got.set(want.values.subarray(from * rowSize, to * rowSize), from * rowSize);
    }
    compare.output(`${prefix}.${name}`, { shape, values: got }, closeness);
  }
}

/** `*` stands for any characters but a dot. */
const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split("*").map(escaped).join("[^.]*")}$`).test(name);

const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
