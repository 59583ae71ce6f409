import type { Tensor4D } from "@tensorflow/tfjs-core";
import { tidy } from "@tensorflow/tfjs-core";
import type { VelocityModel } from "#flow/field.ts";
import { guide } from "#flow/guidance.ts";
import { imageByImage } from "./imageByImage.ts";
import { ModelError } from "./modelError.ts";
import type { SyncTrajectory } from "./syncTrajectory.ts";
import type { Taps } from "./taps.ts";
import { disposeTensors, uploadWeights } from "./tensors.ts";
import { type UNetConfig, unetSpec, variantOf } from "./unetConfig.ts";
import { unetEmbedding, unetVelocity } from "./unetNetwork.ts";
import type { WeightMap } from "./weights.ts";

/** A velocity model on the device. */
export interface UNet extends VelocityModel {
  readonly config: UNetConfig;
  begin(times: readonly number[], labels: readonly number[], guidance: number): SyncTrajectory;
  /** Velocity with one time and one label per sample; x and result [B,H,W,C]. The caller disposes the result. */
  forward(x: Tensor4D, times: readonly number[], labels: readonly number[], tap?: Taps): Tensor4D;
  dispose(): void;
}

/** A UNetFM with its weights on the device; the caller disposes it. nullLabel: the row of the label table that was trained
 *  as "no label", null when there is none, as in the paper's networks. Throws ModelError: an impossible config,
 *  MissingWeight, WrongShape. `begin` and `forward` throw LabelOutOfRange; `begin` throws NoNullLabel when it is asked for
 *  guidance without such a row. */
export function createUNet(config: UNetConfig, weights: WeightMap, nullLabel: number | null = null): UNet {
  const variant = variantOf(config, weights);
  const tensors = uploadWeights(unetSpec(config, variant), weights);
  const forward = (x: Tensor4D, times: readonly number[], labels: readonly number[], tap?: Taps): Tensor4D =>
    tidy(() => {
      const embedding = unetEmbedding(config, variant, tensors, times, labels); // [B,E]
      tap?.("embedding", embedding);
      return unetVelocity(config, tensors, x, embedding, tap);
    });
  return {
    config,
    begin(times, labels, guidance) {
      for (const label of labels) requireLabel(config, label);
      const unlabelled = guidance === 1 ? null : nullLabel;
      if (guidance !== 1 && unlabelled === null)
        throw new ModelError({ kind: "NoNullLabel", classes: config.num_classes });
      let ended = false;
      return {
        velocity(index, x) {
          if (ended) throw new ModelError({ kind: "TrajectoryEnded" });
          const t = times[index];
          if (t === undefined)
            throw new ModelError({ kind: "NoSuchEvaluation", index, evaluations: times.length });
          return imageByImage(x, (image, k) => {
            const conditional = forward(image, [t], [labels[k]]);
            if (unlabelled === null) return conditional;
            return guide(forward(image, [t], [unlabelled]), conditional, guidance);
          });
        },
        end() {
          ended = true;
        },
      };
    },
    forward(x, times, labels, tap) {
      for (const label of labels) requireLabel(config, label);
      return forward(x, times, labels, tap);
    },
    dispose: () => disposeTensors(tensors),
  };
}

function requireLabel(config: UNetConfig, label: number): void {
  const classes = config.num_classes;
  if (classes === 1) return; // labels are ignored
  if (label === classes) throw new ModelError({ kind: "NoNullLabel", classes });
  if (!Number.isInteger(label) || label < 0 || label > classes)
    throw new ModelError({ kind: "LabelOutOfRange", label, classes });
}
