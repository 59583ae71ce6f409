import { installedGpu } from "#gpu/installed.ts";
import { gpuRuns } from "./ditGpu.ts";
import { beginDiTOnGpu } from "./ditOnGpu.ts";
import "./groupNormSiluOnGpu.ts";
import type { OwnNetworks } from "../ownNetworks.ts";
import { tensorDevice } from "./tensorGpu.ts";

/** Networks on the WebGPU kernels that are installed. The decoder is left to TensorFlow.js, but for its
 *  normalisations. */
export const gpuNetworks: OwnNetworks = {
  dit(config) {
    const gpu = installedGpu();
    // Kernels end with their device: those of one that was lost are of no use to the next.
    const usable = gpu !== null && gpu.device === tensorDevice() && gpuRuns(config);
    return usable ? beginDiTOnGpu(config, gpu) : null;
  },
  decoder: () => null,
};
