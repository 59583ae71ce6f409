import { installedGpu } from "#gpu/installed.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { gpuDecodes } from "./decoderGpu.ts";
import { createDecoderOnGpu } from "./decoderOnGpu.ts";
import { gpuRuns } from "./ditGpu.ts";
import { beginDiTOnGpu } from "./ditOnGpu.ts";
import "./groupNormSiluOnGpu.ts";
import type { OwnNetworks } from "../ownNetworks.ts";
import { tensorDevice } from "./tensorGpu.ts";

/** Networks on the WebGPU kernels that are installed. The encoder is left to TensorFlow.js, but for its normalisations. */
export const gpuNetworks: OwnNetworks = {
  dit(config) {
    const gpu = usableGpu();
    return gpu !== null && gpuRuns(config) ? beginDiTOnGpu(config, gpu) : null;
  },
  decoder(config, weights) {
    const gpu = usableGpu();
    return gpu !== null && gpuDecodes(config) ? createDecoderOnGpu(config, weights, gpu) : null;
  },
};

/** Kernels end with their device: those of one that was lost are of no use to the next. */
function usableGpu(): GpuMachine | null {
  const gpu = installedGpu();
  return gpu !== null && gpu.device === tensorDevice() ? gpu : null;
}
