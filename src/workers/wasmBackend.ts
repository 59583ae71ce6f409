import "@tensorflow/tfjs-backend-wasm";
import { installNetworks } from "#models/ownNetworks.ts";
import { simdNetworks } from "#models/simd/simdNetworks.ts";
import { installSimd, type SimdSource } from "#simd/installed.ts";
import type { OpenedBackend } from "./backends.ts";
import { openRegistered } from "./registeredBackend.ts";

/** Opens tfjs in WebAssembly, with our own kernels for the velocity networks where they compile: a browser that refuses
 *  them still has those of tfjs, and null asks for no others. Throws when tfjs cannot be initialised. */
export async function openWasm(kernels: Promise<SimdSource> | null): Promise<OpenedBackend> {
  const compiled = kernels?.catch(() => null);
  const opened = await openRegistered("wasm");
  const source = (await compiled) ?? null;
  installSimd(source);
  installNetworks("wasm", simdNetworks);
  if (source === null) return opened;
  const threads = source.pool?.threads ?? 1;
  return {
    ...opened,
    kernels: `our own, SIMD on ${threads} ${threads === 1 ? "thread" : "threads"}`,
    close: () => source.pool?.end(),
  };
}
