import { add, reshape, type Tensor2D, type Tensor4D, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { positionTable } from "#kernels/positionTable.ts";
import type { ArrivingNetwork } from "./arrivingNetwork.ts";
import { checkDiTConfig, type DiTConfig, ditSizes, ditSpec } from "./ditConfig.ts";
import type { DiT } from "./ditModel.ts";
import { ditVelocity, embedClasses, embedTimes, modulationRows, splitModulations } from "./ditNetwork.ts";
import { ditTrajectory } from "./ditTrajectory.ts";
import { requireLabel } from "./labels.ts";
import { ownNetworks } from "./ownNetworks.ts";
import { checkPositionTable, POS_EMBED } from "./positionCheck.ts";
import type { Taps } from "./taps.ts";
import { checkWeightShapes, disposeTensors, uploadWeights, type WeightTensors } from "./tensors.ts";
import type { WeightMap } from "./weights.ts";

/** A DiT with its weights on the device; the caller disposes it. Where TensorFlow.js computes in WebAssembly or on WebGPU, it
 *  runs on our own kernels if they are installed and fit. `pos_embed` is a fixed table and may be absent; when it is stored, its values are used, so that a file
 *  rounded to half precision gives what it gives elsewhere.
 *  Throws ModelError: an impossible config, MissingWeight, WrongShape, PositionTableDiffers. `begin` and `forward`
 *  throw LabelOutOfRange and NoNullLabel. */
export function createDiT(config: DiTConfig, weights: WeightMap): DiT {
  const spec = new Map(ditSpec(config));
  spec.delete(POS_EMBED);
  checkWeightShapes(spec, weights);
  const own = beginDiT(config);
  if (own) {
    try {
      for (const name of [POS_EMBED, ...spec.keys()]) {
        const weight = weights.get(name);
        if (weight) own.offer(name, weight);
      }
      return own.finish();
    } catch (error) {
      own.abandon();
      throw error;
    }
  }
  const tensors = uploadDiT(config, weights);
  return {
    config,
    begin(times, labels, guidance) {
      for (const label of labels) requireLabel(config, label);
      if (guidance !== 1) requireLabel(config, config.num_classes);
      return ditTrajectory(config, tensors, times, labels, guidance);
    },
    forward(x, times, labels, tap) {
      for (const label of labels) requireLabel(config, label);
      return ditForward(config, tensors, x, times, labels, tap);
    },
    dispose: () => disposeTensors(tensors),
  };
}

/** A DiT on our own kernels, before its weights; null where there are no kernels, or none that fit the config. Throws
 *  ModelError for an impossible config. */
export function beginDiT(config: DiTConfig): ArrivingNetwork<DiT> | null {
  checkDiTConfig(config);
  return ownNetworks()?.dit(config) ?? null;
}

/** Velocity with one time and one label per sample, on weights that may be variables: gradients reach all of them
 *  but `pos_embed`. x and result [B,H,W,C]. The caller disposes the result. */
export function ditForward(
  config: DiTConfig,
  tensors: WeightTensors,
  x: Tensor4D,
  times: readonly number[],
  labels: readonly number[],
  tap?: Taps,
): Tensor4D {
  return tidy(() => {
    const c: Tensor2D = add(embedTimes(tensors, times), embedClasses(tensors, labels)); // [B,D]
    tap?.("conditioning", c);
    const rows = modulationRows(config, tensors, c); // [B,(6·depth+2)·D]
    return ditVelocity(config, tensors, x, splitModulations(config, rows), tap);
  });
}

/** A DiT's weights on the device in the engine's layout. The caller disposes them. Throws as `createDiT` does. */
export function uploadDiT(config: DiTConfig, weights: WeightMap): WeightTensors {
  const spec = new Map(ditSpec(config));
  spec.delete(POS_EMBED);
  const { grid, tokens, patchIn } = ditSizes(config);
  const D = config.hidden_size;
  const fixed = positionTable(D, grid);
  const stored = weights.get(POS_EMBED);
  if (stored !== undefined) checkPositionTable(stored, fixed, [1, tokens, D]);
  const uploaded = new Map(uploadWeights(spec, weights));
  uploaded.set(POS_EMBED, tensor2d(stored?.values ?? fixed, [tokens, D]));
  const filter = uploaded.get(PATCH_FILTER);
  if (filter !== undefined) {
    uploaded.set(PATCH_FILTER, reshape(filter, [patchIn, D])); // rows (dy, dx, channel), as patchify's columns
    filter.dispose();
  }
  return uploaded;
}

const PATCH_FILTER = "x_embedder.proj.weight";
