import type { Tensor4D } from "@tensorflow/tfjs-core";
import * as v from "valibot";
import { unetTimeFeatures } from "#kernels/timeFeatures.ts";
import { createUNet } from "#models/unet.ts";
import { unetConfig } from "../configs.ts";
import { inputOf, numbersOf, readConfig, weightsOf } from "../goldenCase.ts";
import { fromStates, fromTensor, toStates } from "../hostTensor.ts";
import { KeptTaps } from "../keptTaps.ts";
import type { Kind } from "../kind.ts";

/** Velocity of a U-Net with a time and a label a sample, with taps inside the network. */
export const unet: Kind = async ({ golden, compare }) => {
  const { config } = readConfig(golden, v.object({ config: unetConfig }));
  const times = numbersOf(golden, "t");
  const width = golden.tensors.get("out.time_features")?.shape[1] ?? 0;
  compare.output("time_features", { shape: [times.length, width], values: unetTimeFeatures(times, width) });

  const model = createUNet(config, weightsOf(golden));
  const taps = new KeptTaps();
  const velocity = model.forward(toStates(inputOf(golden, "x")), times, numbersOf(golden, "y"), taps.keep);
  compare.output("v", await fromStates(velocity));
  await taps.compare(golden, compare, (tap) =>
    tap.rank === 4 ? fromStates(tap as Tensor4D) : fromTensor(tap),
  );
  taps.dispose();
  model.dispose();
};
