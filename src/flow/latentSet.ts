import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import type { LatentShape } from "./noise.ts";

/** Scaled latents of a set of images with a class each, on the host. */
export interface LatentSet {
  readonly shape: LatentShape;
  /** [N,H,W,C] in the engine's order. */
  readonly values: Float32Array;
  /** [N] */
  readonly labels: Int32Array;
}

/** Latents at `indices` as one tensor [n,H,W,C]. The caller disposes it. */
export function latentsAt({ shape, values }: LatentSet, indices: ArrayLike<number>): Tensor4D {
  const { channels, height, width } = shape;
  const size = channels * height * width;
  const picked = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i] * size;
    picked.set(values.subarray(start, start + size), i * size);
  }
  return tensor4d(picked, [indices.length, height, width, channels]);
}
