import type { DiTConfig } from "#models/ditConfig.ts";
import type { WeightTensors } from "#models/tensors.ts";

/** A DiT on the device that samples are looked at through: for scores by preference an early light one, for features the
 *  heavy one. Whoever uploaded the tensors disposes them. */
export interface ProxyNetwork {
  readonly config: DiTConfig;
  readonly tensors: WeightTensors;
}
