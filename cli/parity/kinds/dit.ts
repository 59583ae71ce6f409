import * as v from "valibot";
import { ditTimeFeatures } from "#kernels/timeFeatures.ts";
import { createDiT } from "#models/dit.ts";
import { TIME_FEATURES } from "#models/ditConfig.ts";
import { ditConfig } from "../configs.ts";
import { inputOf, numbersOf, readConfig, weightsOf } from "../goldenCase.ts";
import { fromStates, fromTensor, toStates } from "../hostTensor.ts";
import { KeptTaps } from "../keptTaps.ts";
import type { Kind } from "../kind.ts";

/** The input whose forward pass the taps of a case are taken from. */
const TAPPED = "tmid";

/** Velocities of a DiT at each input of times (`out.v_<times>` at `in.<times>`), with taps inside the network. */
export const dit: Kind = async ({ golden, compare }) => {
  const { config } = readConfig(golden, v.object({ config: ditConfig }));
  const model = createDiT(config, weightsOf(golden));
  const x = toStates(inputOf(golden, "x"));
  const labels = numbersOf(golden, "y");
  const taps = new KeptTaps();
  for (const output of golden.outputs) {
    const times = /^out\.v_(.+)$/.exec(output)?.[1];
    if (times === undefined) continue;
    const velocity = model.forward(
      x,
      numbersOf(golden, times),
      labels,
      times === TAPPED ? taps.keep : undefined,
    );
    compare.output(`v_${times}`, await fromStates(velocity));
  }
  for (const output of golden.outputs) {
    const times = /^out\.time_features_(.+)$/.exec(output)?.[1];
    if (times === undefined) continue;
    const t = numbersOf(golden, times);
    const shape = [t.length, TIME_FEATURES];
    compare.output(`time_features_${times}`, { shape, values: ditTimeFeatures(t, TIME_FEATURES) });
  }
  await taps.compare(golden, compare, fromTensor);
  taps.dispose();
  model.dispose();
};
