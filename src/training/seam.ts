import { dispose, type Tensor4D } from "@tensorflow/tfjs-core";
import type { VelocityModel } from "#flow/field.ts";
import { invert } from "#flow/inversion.ts";
import { type LatentSet, latentsAt } from "#flow/latentSet.ts";

/** Where the light model hands over to the heavy one, for each sample of a set; constants of a training. */
export interface Seam {
  readonly tau: number;
  /** x_tau [N,H,W,C] by Euler inversion of the data; zeros for samples that were not asked for. */
  readonly states: Float32Array;
  /** v_heavy(x_tau, tau, y) [N,H,W,C]. */
  readonly velocities: Float32Array;
}

/** The seam of the samples `indices`, by the frozen heavy model. Yields after each batch; no tensor is left at a yield.
 *  Throws what `invert` throws. Source: method §5. */
export async function* seamOf(
  heavy: VelocityModel,
  latents: LatentSet,
  indices: Uint32Array,
  tau: number,
  batch = 16,
): AsyncGenerator<{ readonly done: number; readonly of: number }, Seam> {
  const states = new Float32Array(latents.values.length);
  const velocities = new Float32Array(latents.values.length);
  const size = latents.values.length / latents.labels.length;
  const distinct = [...new Set(indices)];
  for (let start = 0; start < distinct.length; start += batch) {
    const part = distinct.slice(start, start + batch);
    const labels = part.map((index) => latents.labels[index]);
    const x1 = latentsAt(latents, part);
    const held: Tensor4D[] = [x1];
    try {
      const state = await invert(x1, { model: heavy, tau, labels });
      held.push(state);
      const trajectory = await heavy.begin([tau], labels, 1);
      try {
        held.push(await trajectory.velocity(0, state));
      } finally {
        trajectory.end();
      }
      const [atSeam, velocity] = await Promise.all(held.slice(1).map((tensor) => tensor.data()));
      part.forEach((index, row) => {
        states.set(atSeam.subarray(row * size, (row + 1) * size), index * size);
        velocities.set(velocity.subarray(row * size, (row + 1) * size), index * size);
      });
    } finally {
      dispose(held);
    }
    yield { done: start + part.length, of: distinct.length };
  }
  return { tau, states, velocities };
}
