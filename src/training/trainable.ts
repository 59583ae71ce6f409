import type { Tensor } from "@tensorflow/tfjs-core";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { LayerVisitor } from "#models/layerGradient.ts";
import type { WeightTensors } from "#models/tensors.ts";
import type { WeightMap } from "#models/weights.ts";
import type { ParameterLayout } from "./parameters.ts";

/** What of a network is trained, and how the network follows from it. */
export interface Trainable {
  readonly config: DiTConfig;
  readonly layout: ParameterLayout;
  /** Whether a loaded network's tensors of the layout's names are the trained numbers themselves, so that whoever changes these
   *  tensors in place has changed the network. */
  readonly inPlace: boolean;
  /** Trained numbers to begin with; a copy. */
  initial(): Float32Array;
  /** The network with the given trained numbers on the device. The caller unloads it. */
  load(values: Float32Array): LoadedNetwork;
  /** The network's weights under their checkpoint names and in their layout; on the host. */
  weights(values: Float32Array): WeightMap;
  /** Releases what stays on the device between loadings. */
  dispose(): void;
}

/** Takes a gradient of the trained tensor `name`, in the engine's layout. It becomes the taker's. */
export type TakeGradient = (name: string, gradient: Tensor) => void;

export interface LoadedNetwork {
  readonly tensors: WeightTensors;
  /** Turns what a backward pass tells of layers into gradients of what is trained. */
  visitor(take: TakeGradient): LayerVisitor;
  unload(): void;
}
