import { frechetDistance } from "#metrics/frechet.ts";
import { kernelDistance } from "#metrics/kernelDistance.ts";

/** How far drawn pictures are from held-out ones, in the features of the family's embedding network. */
export interface Distance {
  readonly drawn: number;
  readonly heldOut: number;
  /** Of a picture; a Fréchet distance takes more pictures of either side than these. */
  readonly features: number;
  /** Unbiased, so that a few pictures will do; may be below 0. */
  readonly kernel: number;
  /** null where there are too few pictures: with no more than features, its covariances are singular. */
  readonly frechet: number | null;
}

/** Fewest pictures of either side that anything is said of. */
export const LEAST_PICTURES = 8;

/** Features [N,D] of held-out and of drawn pictures. Throws MetricError. */
export function distanceOf(heldOut: readonly Float32Array[], drawn: readonly Float32Array[]): Distance {
  const size = heldOut[0]?.length ?? 0;
  const isEnough = Math.min(heldOut.length, drawn.length) > size;
  return {
    drawn: drawn.length,
    heldOut: heldOut.length,
    features: size,
    kernel: kernelDistance(heldOut, drawn),
    frechet: isEnough ? frechetDistance(heldOut, drawn) : null,
  };
}

/** Pictures that a run draws to be compared with `heldOut` held-out ones: as many where these are enough for a Fréchet distance
 *  in `size` features, else as many as a kernel distance is steady with. */
export const picturesToDraw = (heldOut: number, size: number): number =>
  heldOut > size ? Math.min(heldOut, 256) : 64;
