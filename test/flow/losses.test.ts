import "@tensorflow/tfjs-backend-cpu";
import { memory, scalar, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import {
  coarseToFineLoss,
  flowMatchingLoss,
  flowMatchingLossPerSample,
  SEAM_WEIGHT,
  seamLoss,
} from "#flow/losses.ts";

const v = [1, 2, 3, 4, 5, 6, 7, 8];
const u = [0, 2, 3, 4, 5, 6, 7, 4];

test("the loss of a sample is the mean of its squared errors, and that of the batch the mean over samples", async () => {
  const losses = tidy(() => {
    const [velocity, target] = [tensor4d(v, [2, 1, 2, 2]), tensor4d(u, [2, 1, 2, 2])];
    return [
      flowMatchingLossPerSample(velocity, target),
      flowMatchingLoss(velocity, target),
      seamLoss(velocity, target),
    ];
  });
  const values = await Promise.all(losses.map(async (loss) => [...(await loss.data())]));
  expect(values).toEqual([[0.25, 4], [2.125], [2.125]]);
  for (const loss of losses) loss.dispose();
  expect(memory().numTensors).toBe(0);
});

test("the coarse-to-fine loss adds a tenth of the seam", async () => {
  const total = tidy(() => coarseToFineLoss(scalar(2), scalar(5)));
  expect(SEAM_WEIGHT).toBe(0.1);
  expect((await total.data())[0]).toBeCloseTo(2.5, 6);
  total.dispose();
});
