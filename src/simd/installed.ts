import type { SimdPool } from "./pool.ts";

/** Kernels to run on: for one thread, or for the threads of a pool. */
export interface SimdSource {
  /** Compiled for a memory that threads share where there is a pool, for one of its own where there is none. */
  readonly module: WebAssembly.Module;
  readonly pool: SimdPool | null;
}

let source: SimdSource | null = null;

/** Makes networks that are created from now on run on these kernels where TensorFlow.js computes in WebAssembly; null
 *  leaves them to TensorFlow.js. */
export function installSimd(kernels: SimdSource | null): void {
  source = kernels;
}

/** The kernels that networks are to run on; null when there are none. */
export const installedSimd = (): SimdSource | null => source;
