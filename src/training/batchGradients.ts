import { dispose, keep, type Tensor } from "@tensorflow/tfjs-core";
import { type VelocityBatch, velocityLossGradients } from "#models/velocityLoss.ts";
import type { LoadedNetwork, Trainable } from "./trainable.ts";

/** What a batch gave, on the host. */
export interface BatchResult {
  /** ℓ_b [B] */
  readonly losses: Float32Array;
  /** v [B,H,W,C], if it was asked for. */
  readonly velocity?: Float32Array;
}

/** Runs the network forward and back on a batch and hands the gradients of Σ w_b·ℓ_b to `gather`, by name, who has them until it
 *  resolves. The batch's tensors stay the caller's; no other is left. Throws ShapeError. */
export async function batchGradients(
  { config }: Pick<Trainable, "config">,
  network: LoadedNetwork,
  batch: VelocityBatch,
  gather: (gradients: ReadonlyMap<string, Tensor>) => Promise<void>,
  wantsVelocity = false,
): Promise<BatchResult> {
  const taken = new Map<string, Tensor>();
  const held: Tensor[] = [];
  try {
    const visit = network.visitor((name, tensor) => void taken.set(name, keep(tensor)));
    const { losses, velocity } = velocityLossGradients(config, network.tensors, batch, visit);
    held.push(losses, velocity);
    // All asked for before any is awaited, and all awaited at once: when the device goes away none may go unheard.
    const [lossValues, velocityValues] = await Promise.all([
      losses.data<"float32">(),
      wantsVelocity ? velocity.data<"float32">() : undefined,
      gather(taken),
    ]);
    return { losses: lossValues, ...(velocityValues && { velocity: velocityValues }) };
  } finally {
    dispose([...held, ...taken.values()]);
  }
}
