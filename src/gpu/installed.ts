import type { GpuMachine } from "./machine.ts";

let machine: GpuMachine | null = null;

/** Makes networks that are created from now on run on these kernels where TensorFlow.js computes on the same device; null
 *  leaves them to TensorFlow.js. */
export function installGpu(kernels: GpuMachine | null): void {
  machine = kernels;
}

/** The kernels that networks are to run on; null when there are none. */
export const installedGpu = (): GpuMachine | null => machine;
