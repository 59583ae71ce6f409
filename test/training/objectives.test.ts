import { dispose, memory, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { LatentSet } from "#flow/latentSet.ts";
import { COARSE_T_MIN } from "#flow/losses.ts";
import { createDiT } from "#models/dit.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import { engineLayout, toEngineLayout } from "#models/layout.ts";
import { batchGradients } from "#training/batchGradients.ts";
import { coarseToFine } from "#training/coarseToFine.ts";
import { distillation } from "#training/distillation.ts";
import type { StepDraw } from "#training/draws.ts";
import { stepDraws } from "#training/draws.ts";
import { droppedLabel, flowMatching } from "#training/flowMatching.ts";
import { fullTraining } from "#training/fullTraining.ts";
import { addGradients } from "#training/hostOptimizer.ts";
import { partOf } from "#training/parameters.ts";
import { type Seam, seamOf } from "#training/seam.ts";
import { trainingRun } from "#training/trainingRun.ts";
import { BACKENDS, useBackend } from "../models/support/backends.ts";
import { expectValuesClose, readGolden, toNHWC } from "../models/support/golden.ts";
import { heavyModel, LIGHT, lightWeights, OPTIONS, SET } from "./support.ts";

interface LossesConfig {
  readonly fine: DiTConfig;
  readonly coarse: DiTConfig;
  readonly t_split: number;
  readonly inversion_steps: number;
}

const golden = readGolden<LossesConfig>("04_losses");

/** A (B,C,H,W) tensor of the case in the engine's order, on the host. */
const states = (name: string): Float32Array =>
  tidy(() => toNHWC(golden.at(name)).dataSync<"float32">().slice());

async function finished<T>(progress: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const next = await progress.next();
    if (next.done) return next.value;
  }
}

describe.each(BACKENDS)("the paper's coarse-to-fine training on %s", (backend) => {
  let latents: LatentSet;
  let kept: Uint32Array;
  let seam: Seam;
  const tau = golden.config.t_split;

  beforeAll(async () => {
    await useBackend(backend);
    const [, channels, height, width] = golden.at("in.x1").shape;
    const labels = Int32Array.from(golden.at("in.y").values);
    latents = { shape: { channels, height, width }, values: states("in.x1"), labels };
    kept = Uint32Array.from(labels.keys());
    const heavy = createDiT(golden.config.fine, golden.weights("fine."));
    const before = memory().numTensors;
    seam = await finished(seamOf(heavy, latents, kept, tau, 2));
    expect(memory().numTensors).toBe(before);
    heavy.dispose();
  });

  test("inverts the data to the golden states of the seam", () => {
    expect(golden.config.inversion_steps).toBe(18);
    expectValuesClose("states", seam.states, states("out.c2f_seam_states"), golden.tight);
  });

  test("has the golden loss, both of its parts, and the golden gradient of every weight", async () => {
    const { coarse } = golden.config;
    const trainable = fullTraining(coarse, golden.weights("coarse."));
    const objective = coarseToFine(coarse, { latents, kept }, seam);
    const noise = states("in.x0");
    const size = noise.length / kept.length;
    const draw: StepDraw = {
      step: 0,
      places: kept,
      times: Float64Array.from(
        golden.at("in.t_coarse").values,
        (t) => (t - COARSE_T_MIN) / (tau - COARSE_T_MIN),
      ),
      dropouts: new Float64Array(kept.length).fill(0.5),
      noise: (from, to) => noise.slice(from * size, to * size),
    };
    const values = trainable.initial();
    const gradient = new Float32Array(values.length);
    const network = trainable.load(values);
    const batch = objective.begin(draw).batch(0, kept.length);
    const { losses } = await batchGradients(trainable, network, batch, (gradients) =>
      addGradients(trainable.layout, gradients, gradient),
    );
    dispose([batch.x, batch.target]);
    network.unload();
    const partMean = (part: string) => {
      const own = [...losses].filter((_, row) => batch.parts[row] === part);
      return own.reduce((sum, loss) => sum + loss, 0) / own.length;
    };
    const total = losses.reduce((sum, loss, row) => sum + loss * batch.weights[row], 0);
    expectValuesClose("fm", [partMean("fm")], golden.at("out.c2f_fm").values, golden.tight);
    expectValuesClose("seam", [partMean("seam")], golden.at("out.c2f_seam").values, golden.tight);
    expectValuesClose("total", [total], golden.at("out.c2f_total").values, golden.tight);
    for (const [name, slot] of trainable.layout.slots) {
      const want = golden.at(`out.grad.${name}`);
      const turned = toEngineLayout(want, engineLayout(name, want.shape)).values;
      expectValuesClose(name, partOf(gradient, slot), turned, golden.tight);
    }
    trainable.dispose();
  });
});

describe("objectives", () => {
  beforeAll(() => useBackend("wasm"));
  const draw = stepDraws(OPTIONS.seed, OPTIONS.batch, SET.kept.length, SET.latents.shape);

  test("plain flow matching asks for x1 − x0 at points between, with weights that sum up to 1", () => {
    const { x, target, times, labels, weights } = flowMatching(LIGHT, SET).begin(draw(0)).batch(0, 6);
    expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
    const [noise, points, wanted] = [draw(0).noise(0, 6), x.dataSync(), target.dataSync()];
    const size = noise.length / 6;
    times.forEach((t, row) => {
      const index = SET.kept[draw(0).places[row]];
      expect([SET.latents.labels[index], LIGHT.num_classes]).toContain(labels[row]);
      for (let d = 0; d < size; d++) {
        const [x0, x1] = [noise[row * size + d], SET.latents.values[index * size + d]];
        expect(points[row * size + d]).toBeCloseTo((1 - t) * x0 + t * x1, 5);
        expect(wanted[row * size + d]).toBeCloseTo(x1 - x0, 5);
      }
    });
    dispose([x, target]);
  });

  test("labels are dropped to the null label as often as the config says, and never without one", () => {
    const draws = stepDraws(1, 2000, 10, SET.latents.shape)(0).dropouts;
    const dropped = draws.filter((u) => droppedLabel(LIGHT, 1, u) === LIGHT.num_classes).length;
    expect(Math.abs(dropped / 2000 - LIGHT.class_dropout_prob)).toBeLessThan(0.03); // 3σ of 2,000 draws at 0.2
    expect(droppedLabel({ ...LIGHT, class_dropout_prob: 0 }, 1, 0)).toBe(1);
  });

  test("distillation asks for the heavy velocity, half on data and half on states that the light model reaches", async () => {
    const heavy = heavyModel();
    const objective = distillation(LIGHT, SET, heavy, { tMax: 0.8, ownSteps: 4 });
    const run = trainingRun(fullTraining(LIGHT, lightWeights()), SET, objective, {
      ...OPTIONS,
      learningRate: 0,
    });
    for (let step = 0; step < 6; step++) {
      const before = objective.state;
      const { x, target, times, labels, parts } = objective.begin(draw(step)).batch(0, 6);
      expect(parts).toEqual(["data", "data", "data", "own", "own", "own"]);
      expect(Math.max(...times)).toBeLessThan(0.8);
      const want = heavy.forward(x, times, labels);
      expect([...target.dataSync()]).toEqual([...want.dataSync()]);
      dispose([x, target, want]);
      await run.advance();
      const { at } = objective.state ?? {};
      before?.at.forEach((steps, slot) => void expect(at?.[slot]).toBe((steps + 1) % 4));
    }
    run.dispose();
    heavy.dispose();
  });

  test("an own trajectory is Euler's of the light model, and begins again from noise at its end", async () => {
    const heavy = heavyModel();
    const light = createDiT(LIGHT, lightWeights());
    const objective = distillation(LIGHT, SET, heavy, { tMax: 0.9, ownSteps: 3 });
    const run = trainingRun(fullTraining(LIGHT, lightWeights()), SET, objective, {
      ...OPTIONS,
      learningRate: 0,
    });
    for (let step = 0; step < 9; step++) {
      const { x, target, times, labels } = objective.begin(draw(step)).batch(3, 6);
      const velocity = light.forward(x, times, labels);
      const [from, v] = [x.dataSync(), velocity.dataSync()];
      dispose([x, target, velocity]);
      const waiting = objective.state?.at.map((at) => (at < 0 ? 1 : 0)) ?? new Int32Array(3).fill(1);
      await run.advance();
      const { x: reached, at } = objective.state ?? {};
      const size = from.length / 3;
      for (let slot = 0; slot < 3; slot++) {
        if (waiting[slot] || !reached || at?.[slot] === 0) continue;
        for (let d = slot * size; d < (slot + 1) * size; d++)
          expect(reached[d]).toBeCloseTo(from[d] + 0.3 * v[d], 5);
      }
    }
    run.dispose();
    light.dispose();
    heavy.dispose();
    expect.hasAssertions();
  });
});
