import { dispose, grads, type Scalar, sum, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { latentsAt } from "#flow/latentSet.ts";
import { flowMatchingLossPerSample } from "#flow/losses.ts";
import { ditForward } from "#models/dit.ts";
import { disposeTensors } from "#models/tensors.ts";
import { ghostNorms } from "#scoring/ghostNorms.ts";
import { registerDiTGradients } from "../../cli/parity/gradients.ts";
import { BACKENDS, expectNoLeak, useBackend } from "../models/support/backends.ts";
import { expectValuesClose } from "../models/support/golden.ts";
import { TINY, tinyLatents, tinyProxy } from "./support/tinyProxy.ts";

const TIMES = [0.2, 0.9, 0.5];

describe.each(BACKENDS)("ghost norms on %s", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
    registerDiTGradients();
  });

  test.each([
    ["", TINY],
    [", of more tokens than channels", { ...TINY, patch_size: 1, hidden_size: 16, depth: 1 }],
    [", with the variance of learn_sigma", { ...TINY, depth: 1, learn_sigma: true }],
  ])(
    "are the squared lengths of gradients by a pass of tfjs's tape for each sample alone%s",
    async (_, config) => {
      await expectNoLeak(() => {
        const { tensors } = tinyProxy(4, config);
        const [states, targets] = [tinyLatents(3, 9, config), tinyLatents(3, 10, config)];
        const labels = [0, 3, 1];
        const names = [...tensors.keys()].filter((name) => name !== "pos_embed");
        const loss = (sample: number, weights: Tensor[]): Scalar => {
          const given = new Map(tensors);
          names.forEach((name, index) => void given.set(name, weights[index]));
          const x = latentsAt(states, [sample]);
          const velocity = ditForward(config, given, x, [TIMES[sample]], [labels[sample]]);
          return sum(flowMatchingLossPerSample(velocity, latentsAt(targets, [sample])));
        };
        const weights = names.map((name) => tensors.get(name) as Tensor);
        const want = [0, 1, 2].map((sample) =>
          tidy(() => {
            const gradients = grads((...given: Tensor[]) => loss(sample, given))(weights);
            const norm = gradients.reduce(
              (total, g) => total + g.dataSync<"float32">().reduce((t, v) => t + v * v, 0),
              0,
            );
            return { loss: loss(sample, weights).dataSync()[0], norm };
          }),
        );
        tidy(() => {
          const [x, target] = [latentsAt(states, [0, 1, 2]), latentsAt(targets, [0, 1, 2])];
          const { losses, norms } = ghostNorms(config, tensors, { x, times: TIMES, labels, target });
          const close = { atol: 0, rtol: 2e-5 }; // float32 sums of some ten thousand squares
          expectValuesClose(
            "loss",
            losses.dataSync(),
            want.map((w) => w.loss),
            close,
          );
          expectValuesClose(
            "norm",
            norms.dataSync(),
            want.map((w) => w.norm),
            close,
          );
          dispose([losses, norms]);
        });
        disposeTensors(tensors);
      });
    },
  );

  test("of a sample are bit for bit the same alone and in a batch, wherever it stands", async () => {
    const { config, tensors } = tinyProxy(4);
    const [states, targets] = [tinyLatents(5), tinyLatents(5, 10)];
    const normsOf = (samples: number[]) =>
      tidy(() => {
        const [x, target] = [latentsAt(states, samples), latentsAt(targets, samples)];
        const at = { times: samples.map(() => 0.3), labels: samples.map(() => 1) };
        return [...ghostNorms(config, tensors, { x, target, ...at }).norms.dataSync()];
      });
    const [alone] = normsOf([2]);
    expect(normsOf([0, 1, 2, 3, 4])[2]).toBe(alone);
    expect(normsOf([2, 2, 4, 2])).toEqual([alone, alone, expect.anything(), alone]);
    disposeTensors(tensors);
  });
});
