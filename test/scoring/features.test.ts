import { mean, memory, type Tensor3D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { latentsAt } from "#flow/latentSet.ts";
import { pointOnPath } from "#flow/path.ts";
import { ditForward } from "#models/dit.ts";
import { disposeTensors } from "#models/tensors.ts";
import { blockFeatures, FEATURE_TIME } from "#scoring/features.ts";
import { type Matrix, rowOf } from "#scoring/matrix.ts";
import { scoringNoises } from "#scoring/scoringNoises.ts";
import { BACKENDS, useBackend } from "../models/support/backends.ts";
import { TINY, tinyLatents, tinyProxy } from "./support/tinyProxy.ts";

const data = tinyLatents(5);
const noise = scoringNoises(3, data.shape, 1);

describe.each(BACKENDS)("block features on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  async function features(batch: number): Promise<{ rows: Matrix; done: number[] }> {
    const proxy = tinyProxy(4);
    const done: number[] = [];
    const progress = blockFeatures(proxy, data, noise, batch);
    for (;;) {
      const next = await progress.next();
      if (next.done) {
        disposeTensors(proxy.tensors);
        return { rows: next.value, done };
      }
      done.push(next.value.done);
    }
  }

  test("are the middle block's mean tokens at t = 0.6, whatever the batch, and leave no tensor", async () => {
    const before = memory().numTensors;
    const { rows, done } = await features(2);
    expect(done).toEqual([2, 4, 5]);
    expect((await features(16)).rows).toEqual(rows);
    const proxy = tinyProxy(4);
    tidy(() => {
      const x = pointOnPath(tensor4d(noise, [1, 8, 8, 3]), latentsAt(data, [3]), FEATURE_TIME);
      const label = data.labels[3];
      ditForward(TINY, proxy.tensors, x, [FEATURE_TIME], [label], (name, value) => {
        if (name !== "tokens_after_block_1") return; // ⌊3/2⌋, the second of three
        const want = mean(value as Tensor3D, 1).dataSync();
        rowOf(rows, 3).forEach((got, d) => void expect(got).toBeCloseTo(want[d], 5));
      });
    });
    disposeTensors(proxy.tensors);
    expect(memory().numTensors).toBe(before);
    expect.assertions(3 + TINY.hidden_size);
  });
});
