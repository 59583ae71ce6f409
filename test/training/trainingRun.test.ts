import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createDiT } from "#models/dit.ts";
import type { DiT } from "#models/ditModel.ts";
import { coarseToFine } from "#training/coarseToFine.ts";
import { distillation } from "#training/distillation.ts";
import { flowMatching } from "#training/flowMatching.ts";
import { fullTraining } from "#training/fullTraining.ts";
import { DEFAULT_LORA, loraTraining } from "#training/loraTraining.ts";
import type { Objective } from "#training/objective.ts";
import type { RunState } from "#training/runState.ts";
import { type Seam, seamOf } from "#training/seam.ts";
import { train } from "#training/train.ts";
import type { Trainable } from "#training/trainable.ts";
import { TrainingError } from "#training/trainingError.ts";
import { type TrainStep, trainingRun } from "#training/trainingRun.ts";
import type { TrainOptions } from "#training/trainOptions.ts";
import { BACKENDS, useBackend } from "../models/support/backends.ts";
import { heavyModel, LIGHT, lightWeights, OPTIONS, SET } from "./support.ts";

const full = (): Trainable => fullTraining(LIGHT, lightWeights());
const lora = (): Trainable => loraTraining(LIGHT, lightWeights(), { ...DEFAULT_LORA, rank: 2 }, 1);

async function seam(heavy: DiT): Promise<Seam> {
  const progress = seamOf(heavy, SET.latents, SET.kept, 0.6);
  for (;;) {
    const next = await progress.next();
    if (next.done) return next.value;
  }
}

/** Every way of training, each with objectives of its own: [name, what is trained, objective]. */
const WAYS: readonly [string, () => Trainable, (heavy: DiT) => Promise<Objective>][] = [
  ["flow matching", full, async () => flowMatching(LIGHT, SET)],
  ["coarse-to-fine", full, async (heavy) => coarseToFine(LIGHT, SET, await seam(heavy))],
  ["distillation", full, async (heavy) => distillation(LIGHT, SET, heavy, { tMax: 1, ownSteps: 3 })],
  ["flow matching of low-rank matrices", lora, async () => flowMatching(LIGHT, SET)],
];

async function steps(
  trainable: Trainable,
  objective: Objective,
  until: number,
  { from, options = OPTIONS }: { from?: RunState; options?: TrainOptions } = {},
): Promise<{ made: TrainStep[]; state: RunState }> {
  const run = trainingRun(trainable, SET, objective, options, from);
  const made: TrainStep[] = [];
  for await (const step of train(run, until)) made.push(step);
  const state = await run.state();
  run.dispose();
  return { made, state };
}

describe.each(BACKENDS)("a training run on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(WAYS)(
    "of %s resumed from its stored state equals the unbroken one, bit for bit, and leaves no tensor",
    async (_, trainable, objective) => {
      const heavy = heavyModel();
      const before = memory().numTensors;
      const whole = await steps(trainable(), await objective(heavy), 7);
      const first = await steps(trainable(), await objective(heavy), 3);
      const stored = structuredClone(first.state);
      const second = await steps(trainable(), await objective(heavy), 7, { from: stored });
      expect([...first.made, ...second.made]).toEqual(whole.made);
      expect(second.state).toEqual(whole.state);
      expect(stored).toEqual(first.state); // the run works on a copy
      expect(memory().numTensors).toBe(before);
      heavy.dispose();
    },
  );

  test("makes the same draws whatever the micro-batch, and nearly the same steps", async () => {
    const results: Awaited<ReturnType<typeof steps>>[] = [];
    for (const microBatch of [1, 4, 6])
      results.push(await steps(full(), flowMatching(LIGHT, SET), 3, { options: { ...OPTIONS, microBatch } }));
    for (const { made } of results)
      made.forEach(({ loss }, i) => void expect(loss).toBeCloseTo(results[0].made[i].loss, 4)); // sums in another order
  });

  test("learns: on one sample the loss of sixty steps falls by more than a third", async () => {
    const one = { ...SET, kept: Uint32Array.of(3) };
    const run = trainingRun(full(), one, flowMatching(LIGHT, one), OPTIONS);
    const losses: number[] = [];
    for await (const { loss } of train(run, 60)) losses.push(loss);
    run.dispose();
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.6 * mean(losses.slice(0, 10)));
  });
});

describe("a training run", () => {
  beforeAll(() => useBackend("wasm"));

  test("whose step is given up between micro-batches is where it was, and goes on as if nothing had been", async () => {
    const heavy = heavyModel();
    const before = memory().numTensors;
    const objective = () => distillation(LIGHT, SET, heavy, { tMax: 0.7, ownSteps: 3 });
    const run = trainingRun(full(), SET, objective(), OPTIONS);
    await run.advance();
    const state = await run.state();
    let asked = 0;
    const giveUp = () => {
      if (++asked === 2) throw new Error("enough");
    };
    await expect(run.advance(giveUp)).rejects.toThrow("enough");
    expect(await run.state()).toEqual(state);
    await run.advance();
    const unbroken = await steps(full(), objective(), 2);
    expect(await run.state()).toEqual(unbroken.state);
    run.dispose();
    expect(memory().numTensors).toBe(before);
    heavy.dispose();
  });

  test("whose device complains after the last micro-batch gives the step up", async () => {
    const run = trainingRun(full(), SET, flowMatching(LIGHT, SET), OPTIONS);
    const state = await run.state();
    const microBatches = Math.ceil(OPTIONS.batch / OPTIONS.microBatch);
    let asked = 0;
    const complain = () => {
      if (++asked > microBatches) throw new Error("no memory for a buffer");
    };
    await expect(run.advance(complain)).rejects.toThrow("no memory");
    expect(await run.state()).toEqual(state);
    run.dispose();
  });

  test("that diverges says so with its step and keeps the weights before it", async () => {
    const latents = { ...SET.latents, values: SET.latents.values.map(() => 1e30) };
    const run = trainingRun(full(), { ...SET, latents }, flowMatching(LIGHT, { ...SET, latents }), OPTIONS);
    const before = memory().numTensors;
    const state = await run.state();
    await expect(run.advance()).rejects.toMatchObject({ problem: { kind: "Diverged", step: 0 } });
    expect(await run.state()).toEqual(state);
    expect(memory().numTensors).toBe(before);
    run.dispose();
  });

  test("gives weights that a network can be made of: as trained they draw what the run draws", async () => {
    const run = trainingRun(full(), SET, flowMatching(LIGHT, SET), OPTIONS);
    for await (const _ of train(run, 2));
    const [current, average] = [await run.weights("current"), await run.weights("average")];
    expect(current.get("blocks.0.attn.qkv.weight")).not.toEqual(average.get("blocks.0.attn.qkv.weight"));
    for (const weights of [current, average]) createDiT(LIGHT, weights).dispose();
    const again = fullTraining(LIGHT, current);
    expect(again.initial()).toEqual(await run.values("current"));
    again.dispose();
    run.dispose();
  });

  test.each([
    ["of another network", (state: RunState) => ({ ...state, weights: state.weights.slice(1) })],
    ["of another seed", (state: RunState) => ({ ...state, seed: 6 })],
    ["of another batch", (state: RunState) => ({ ...state, batch: 5 })],
  ])("refuses a state %s", async (_, change) => {
    const { state } = await steps(full(), flowMatching(LIGHT, SET), 1);
    const trainable = full();
    expect(() => trainingRun(trainable, SET, flowMatching(LIGHT, SET), OPTIONS, change(state))).toThrow(
      TrainingError,
    );
    trainable.dispose();
  });

  test.each([
    ["NoSamples", { ...SET, kept: new Uint32Array() }],
    ["LabelOutOfRange", { ...SET, latents: { ...SET.latents, labels: new Int32Array(11).fill(3) } }],
    ["LabelOutOfRange", { ...SET, kept: Uint32Array.of(11) }],
    ["LatentsDoNotFit", { ...SET, latents: { ...SET.latents, shape: { channels: 1, height: 4, width: 8 } } }],
  ] as const)("refuses a set with %s", (kind, set) => {
    const trainable = full();
    expect(() => trainingRun(trainable, set, flowMatching(LIGHT, set), OPTIONS)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ kind }) }),
    );
    trainable.dispose();
  });
});
