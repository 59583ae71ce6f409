import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import { memory, ready, setBackend } from "@tensorflow/tfjs-core";
import { expect } from "vitest";

/** Backends that Node has. In Node the wasm backend finds its binary beside its own script. */
export const BACKENDS = ["cpu", "wasm"] as const;
export type NodeBackend = (typeof BACKENDS)[number];

/** Makes `backend` the one in use. */
export async function useBackend(backend: NodeBackend): Promise<void> {
  expect(await setBackend(backend)).toBe(true);
  await ready();
}

/** Runs `job` and expects as many tensors after it as before. */
export async function expectNoLeak(job: () => void | Promise<void>): Promise<void> {
  const before = memory().numTensors;
  await job();
  expect(memory().numTensors).toBe(before);
}
