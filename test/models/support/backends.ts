import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import { readFile } from "node:fs/promises";
import { memory, ready, setBackend } from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { installNetworks } from "#models/ownNetworks.ts";
import { simdNetworks } from "#models/simd/simdNetworks.ts";
import { installSimd } from "#simd/installed.ts";

/** Backends that Node has. In Node the wasm backend finds its binary beside its own script. */
export const BACKENDS = ["cpu", "wasm"] as const;
/** The same with our own kernels for velocity networks and decoders on top of wasm. */
export const NETWORK_BACKENDS = [...BACKENDS, "simd"] as const;
export type NodeBackend = (typeof NETWORK_BACKENDS)[number];

const kernels = new URL("../../../src/simd/built/kernels.wasm", import.meta.url);

/** Makes `backend` the one in use. */
export async function useBackend(backend: NodeBackend): Promise<void> {
  expect(await setBackend(backend === "simd" ? "wasm" : backend)).toBe(true);
  await ready();
  installNetworks("wasm", simdNetworks);
  installSimd(
    backend === "simd" ? { module: await WebAssembly.compile(await readFile(kernels)), pool: null } : null,
  );
}

/** Runs `job` and expects as many tensors after it as before. */
export async function expectNoLeak(job: () => void | Promise<void>): Promise<void> {
  const before = memory().numTensors;
  await job();
  expect(memory().numTensors).toBe(before);
}
