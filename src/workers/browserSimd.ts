import kernelsUrl from "#simd/built/kernels.wasm?url";
import sharedKernelsUrl from "#simd/built/kernels-shared.wasm?url";
import type { SimdSource } from "#simd/installed.ts";
import { SimdPool } from "#simd/pool.ts";

/** More threads than this wait for memory rather than compute. */
const MOST_THREADS = 4;

/** Our own kernels: on threads where the page may share memory between them, else on the caller's. Rejects where WebAssembly
 *  has no SIMD. */
export async function openSimd(): Promise<SimdSource> {
  const threads = threadsFor(navigator.hardwareConcurrency);
  const shared = threads > 1 && crossOriginIsolated;
  const module = await WebAssembly.compileStreaming(fetch(shared ? sharedKernelsUrl : kernelsUrl));
  if (!shared) return { module, pool: null };
  const helpers = Array.from(
    { length: threads - 1 },
    () =>
      new Worker(new URL("./simd.worker.ts", import.meta.url), { type: "module", name: "steadyflow simd" }),
  );
  return { module, pool: new SimdPool(module, helpers) };
}

/** Half of the cores, since two of them are often one with two faces and others have work as well; two where there are
 *  two. */
export const threadsFor = (cores: number): number =>
  cores < 2 ? 1 : Math.min(MOST_THREADS, Math.max(2, Math.floor(cores / 2)));
