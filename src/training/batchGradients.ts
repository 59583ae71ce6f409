import { dispose, keep, type Tensor } from "@tensorflow/tfjs-core";
import { type VelocityBatch, velocityLossGradients } from "#models/velocityLoss.ts";
import { partOf } from "./parameters.ts";
import type { LoadedNetwork, Trainable } from "./trainable.ts";

/** What a batch gave, on the host. */
export interface BatchResult {
  /** ℓ_b [B] */
  readonly losses: Float32Array;
  /** v [B,H,W,C], if it was asked for. */
  readonly velocity?: Float32Array;
}

/** Runs the network forward and back on a batch and adds the gradients of Σ w_b·ℓ_b to the flat vector `gradient`. The batch's
 *  tensors stay the caller's; no other is left. Throws ShapeError. */
export async function addBatchGradients(
  { config, layout }: Trainable,
  network: LoadedNetwork,
  batch: VelocityBatch,
  gradient: Float32Array,
  wantsVelocity = false,
): Promise<BatchResult> {
  const taken = new Map<string, Tensor>();
  const held: Tensor[] = [];
  try {
    const visit = network.visitor((name, tensor) => void taken.set(name, keep(tensor)));
    const { losses, velocity } = velocityLossGradients(config, network.tensors, batch, visit);
    held.push(losses, velocity);
    // All asked for before any is awaited: on a GPU the copies then run side by side. All awaited at once: when the device goes
    // away they are refused one and all, and none may go unheard.
    const [lossValues, velocityValues, ...parts] = await Promise.all([
      losses.data<"float32">(),
      wantsVelocity ? velocity.data<"float32">() : undefined,
      ...[...taken.values()].map((tensor) => tensor.data<"float32">()),
    ]);
    [...taken.keys()].forEach((name, i) => {
      const slot = layout.slots.get(name);
      const values = parts[i];
      if (slot && values) addTo(partOf(gradient, slot), values);
    });
    return { losses: lossValues, ...(velocityValues && { velocity: velocityValues }) };
  } finally {
    dispose([...held, ...taken.values()]);
  }
}

function addTo(sum: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += values[i];
}
