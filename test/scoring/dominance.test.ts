import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { LatentSet } from "#flow/latentSet.ts";
import { normals } from "#flow/noise.ts";
import { type DominanceOptions, dominance } from "#scoring/dominance.ts";
import { scoringNoises } from "#scoring/scoringNoises.ts";
import { BACKENDS, useBackend } from "../models/support/backends.ts";

const shape = { channels: 2, height: 1, width: 3 };
const SIZE = 6;
const SAMPLES = 9;

/** Random samples, of which 7 and 8 are alike. */
const data: LatentSet = {
  shape,
  values: normals(5, 0, SAMPLES * SIZE).map((value, i, all) =>
    i < 8 * SIZE ? value : all[i - SIZE] + 0.01 * value,
  ),
  labels: new Int32Array(SAMPLES),
};
const noises = scoringNoises(1, shape);

async function computed(options: DominanceOptions): Promise<Float64Array> {
  const progress = dominance(data, options);
  for (;;) {
    const next = await progress.next();
    if (next.done) return next.value;
  }
}

/** u*(x, t) of the samples `among`, in float64. */
function optimalVelocity(x: Float64Array, t: number, among: readonly number[]): Float64Array {
  const sample = (i: number) => data.values.subarray(i * SIZE, (i + 1) * SIZE);
  const logits = among.map(
    (i) => -sample(i).reduce((sum, v, d) => sum + (x[d] - t * v) ** 2, 0) / (2 * (1 - t) ** 2),
  );
  const top = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - top));
  const whole = weights.reduce((sum, w) => sum + w, 0);
  return x.map(
    (value, d) =>
      among.reduce((sum, i, place) => sum + (weights[place] / whole) * (sample(i)[d] - value), 0) / (1 - t),
  );
}

/** D_i by leaving sample i out. */
function bruteForce(times: readonly number[]): number[] {
  const all = [...Array(SAMPLES).keys()];
  return all.map((i) => {
    const without = all.filter((j) => j !== i);
    const changes = times.flatMap((t) =>
      without.flatMap((j) =>
        [0, SIZE].map((noise) => {
          const x = Float64Array.from(
            { length: SIZE },
            (_, d) => t * data.values[j * SIZE + d] + (1 - t) * noises[noise + d],
          );
          const [full, less] = [optimalVelocity(x, t, all), optimalVelocity(x, t, without)];
          return full.reduce((sum, value, d) => sum + (value - less[d]) ** 2, 0);
        }),
      ),
    );
    return changes.reduce((sum, value) => sum + value, 0) / changes.length;
  });
}

describe.each(BACKENDS)("dominance on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([[[0.2]], [[0.5]], [[0.2, 0.6, 8 / 9]]])(
    "is what leaving a sample out changes, at times %j",
    async (times) => {
      const before = memory().numTensors;
      const got = await computed({ noises, seed: 0, times });
      bruteForce(times).forEach((want, i) => {
        expect(Math.abs(got[i] - want)).toBeLessThan(1e-3 * want + 1e-6); // float32 exponents of up to 30
      });
      expect(memory().numTensors).toBe(before);
    },
  );

  test("of few probes looks at the paths of as many samples, the same ones for a seed", async () => {
    const few = await computed({ noises, seed: 4, times: [0.4], probes: 3 });
    expect(await computed({ noises, seed: 4, times: [0.4], probes: 3 })).toEqual(few);
    expect(await computed({ noises, seed: 5, times: [0.4], probes: 3 })).not.toEqual(few);
  });

  test("of a single sample is 0", async () => {
    const one = { ...data, values: data.values.slice(0, SIZE), labels: new Int32Array(1) };
    const progress = dominance(one, { noises, seed: 0, times: [0.5] });
    let last = await progress.next();
    while (!last.done) last = await progress.next();
    expect([...last.value]).toEqual([0]);
  });
});
