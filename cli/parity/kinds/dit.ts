import { clone, keep, type Tensor } from "@tensorflow/tfjs-core";
import * as v from "valibot";
import { ditTimeFeatures } from "#kernels/timeFeatures.ts";
import { createDiT } from "#models/dit.ts";
import { TIME_FEATURES } from "#models/ditConfig.ts";
import { CaseError } from "../caseError.ts";
import { ditConfig } from "../configs.ts";
import { inputOf, numbersOf, readConfig, weightsOf } from "../goldenCase.ts";
import { fromStates, fromTensor, toStates } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";

/** The input whose forward pass the taps of a case are taken from. */
const TAPPED = "tmid";

/** Velocities of a DiT at each input of times (`out.v_<times>` at `in.<times>`), with taps inside the network. */
export const dit: Kind = async ({ golden, compare }) => {
  const { config } = readConfig(golden, v.object({ config: ditConfig }));
  const model = createDiT(config, weightsOf(golden));
  const x = toStates(inputOf(golden, "x"));
  const labels = numbersOf(golden, "y");
  const taps = new Map<string, Tensor>();
  const keepTap = (name: string, value: Tensor) => {
    taps.set(name, keep(clone(value)));
  };
  for (const output of golden.outputs) {
    const times = /^out\.v_(.+)$/.exec(output)?.[1];
    if (times === undefined) continue;
    const velocity = model.forward(
      x,
      numbersOf(golden, times),
      labels,
      times === TAPPED ? keepTap : undefined,
    );
    compare.output(`v_${times}`, await fromStates(velocity));
  }
  for (const output of golden.outputs) {
    const [, tap, featureTimes] = /^out\.(?:tap_(.+)|time_features_(.+))$/.exec(output) ?? [];
    if (tap !== undefined) {
      const value = taps.get(tap);
      if (!value) throw new CaseError(`the network has no tap ${tap}`);
      compare.output(`tap_${tap}`, await fromTensor(value));
    }
    if (featureTimes !== undefined) {
      const t = numbersOf(golden, featureTimes);
      const shape = [t.length, TIME_FEATURES];
      compare.output(`time_features_${featureTimes}`, { shape, values: ditTimeFeatures(t, TIME_FEATURES) });
    }
  }
  for (const tap of taps.values()) tap.dispose();
  model.dispose();
};
