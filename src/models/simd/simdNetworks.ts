import { installedSimd } from "#simd/installed.ts";
import type { OwnNetworks } from "../ownNetworks.ts";
import { createDecoderOnSimd } from "./decoderOnSimd.ts";
import { simdDecodes } from "./decoderSimd.ts";
import { beginDiTOnSimd } from "./ditOnSimd.ts";
import { simdRuns } from "./ditSimd.ts";

/** Networks on the CPU kernels that are installed. */
export const simdNetworks: OwnNetworks = {
  dit(config) {
    const source = installedSimd();
    return source !== null && simdRuns(config) ? beginDiTOnSimd(config, source) : null;
  },
  decoder(config, weights) {
    const source = installedSimd();
    return source !== null && simdDecodes(config) ? createDecoderOnSimd(config, weights, source) : null;
  },
};
