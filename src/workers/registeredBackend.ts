import { setBackend } from "@tensorflow/tfjs-core";
import type { OpenedBackend } from "./backends.ts";
import { guardAllocation, type WasmMemory, wasmMemory } from "./wasmMemory.ts";

/** Modules whose failed allocations throw already; tfjs makes one and keeps it. */
const guarded = new WeakSet<WasmMemory>();

/** Never resolves: wasm and cpu do not go away. */
export const NEVER = new Promise<string>(() => {});

/** What a backend reports whose networks are compositions of tfjs ops. */
export const PLAIN_KERNELS = "those of TensorFlow.js";

/** Makes a backend that tfjs has registered the current one. Throws when it cannot be initialised. */
export async function openRegistered(name: "wasm" | "cpu"): Promise<OpenedBackend> {
  if (!(await setBackend(name))) throw new Error(`The ${name} backend could not be initialised.`);
  const memory = wasmMemory();
  if (memory && !guarded.has(memory)) {
    guardAllocation(memory);
    guarded.add(memory);
  }
  return {
    name,
    adapter: null,
    software: false,
    kernels: PLAIN_KERNELS,
    microBatch: 1, // eight images together take as long as one after the other, and the first comes eight times later
    lost: NEVER,
    settle: async () => {},
    lose: () => {},
    close: () => {},
  };
}
