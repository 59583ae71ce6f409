import { parseSafetensors } from "#checkpoints/safetensors.ts";
import { weightOf } from "#checkpoints/weights.ts";
import type { ArrivingNetwork } from "#models/arrivingNetwork.ts";
import type { WeightSpec } from "#models/weights.ts";
import { type Checkpoint, weightsFrom } from "./weightFiles.ts";

/** Hands the weights of a part's files to its network, those of one file while the next is on its way. */
export function arrivingWeights<Network>(spec: WeightSpec, network: ArrivingNetwork<Network>) {
  const handedOver = new Set<string>();
  return {
    /** Takes a file whose hash has been checked. What is wrong with it is left to `finish`. Throws what the network throws. */
    file(bytes: Uint8Array): void {
      const parsed = parseSafetensors(bytes);
      if (!parsed.ok) return;
      for (const [name, tensor] of parsed.value.tensors) {
        const shape = spec.get(name);
        const weight = shape && !handedOver.has(name) ? weightOf(tensor, shape) : null;
        if (!weight) continue;
        network.offer(name, weight);
        handedOver.add(name);
      }
    },
    /** The network, with what no file brought before. Throws EngineFailure BadCheckpoint for weights that do not fit, and what
     *  the network throws. */
    finish(checkpoint: Checkpoint): Network {
      if (handedOver.size < spec.size) {
        for (const [name, weight] of weightsFrom(checkpoint, spec))
          if (!handedOver.has(name)) network.offer(name, weight);
      }
      return network.finish();
    },
  };
}
