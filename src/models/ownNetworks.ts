import { getBackend } from "@tensorflow/tfjs-core";
import type { ArrivingNetwork } from "./arrivingNetwork.ts";
import type { AutoencoderConfig } from "./autoencoderConfig.ts";
import type { Decoder } from "./decoder.ts";
import type { DiTConfig } from "./ditConfig.ts";
import type { DiT } from "./ditModel.ts";
import type { WeightMap } from "./weights.ts";

/** Networks on kernels of our own; each is null where there are no kernels, or none that fit the config. They take weights
 *  whose names and shapes have been checked. */
export interface OwnNetworks {
  dit(config: DiTConfig): ArrivingNetwork<DiT> | null;
  decoder(config: AutoencoderConfig, weights: WeightMap): Decoder | null;
}

const installed = new Map<string, OwnNetworks>();

/** Gives a backend networks of its own. Whoever opens it does so, so that nobody fetches the code of another. */
export function installNetworks(backend: "wasm" | "webgpu", networks: OwnNetworks): void {
  installed.set(backend, networks);
}

/** Those of the backend in use. */
export const ownNetworks = (): OwnNetworks | null => installed.get(getBackend()) ?? null;
