import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { SimdSource } from "#simd/installed.ts";
import { SimdPool } from "#simd/pool.ts";

/** Our own CPU kernels, compiled by the commands before they begin, for that many threads; whoever asks for more than one
 *  ends the pool. */
export async function nodeSimd(threads = 1): Promise<SimdSource> {
  const name = threads > 1 ? "kernels-shared.wasm" : "kernels.wasm";
  const bytes = await readFile(new URL(`../src/simd/built/${name}`, import.meta.url));
  const module = await WebAssembly.compile(bytes);
  if (threads <= 1) return { module, pool: null };
  const helpers = Array.from(
    { length: threads - 1 },
    () => new Worker(new URL("./simdHelper.mjs", import.meta.url)),
  );
  return { module, pool: new SimdPool(module, helpers) };
}
