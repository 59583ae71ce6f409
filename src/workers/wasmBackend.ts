import "@tensorflow/tfjs-backend-wasm";
import { installNetworks } from "#models/ownNetworks.ts";
import { simdNetworks } from "#models/simd/simdNetworks.ts";
import { installSimd, type SimdSource } from "#simd/installed.ts";
import type { OpenedBackend } from "./backends.ts";
import { CPU_NETWORKS, type KernelChoice, switchedOff, withoutText } from "./kernelNames.ts";
import { openRegistered } from "./registeredBackend.ts";

/** Opens tfjs in WebAssembly, with our own kernels for the velocity networks where they compile: a browser that refuses
 *  them still has those of tfjs, and null asks for no others; networks that `choice` switches off are left to it as well.
 *  Throws when tfjs cannot be initialised. */
export async function openWasm(
  kernels: Promise<SimdSource> | null,
  choice: KernelChoice = "own",
): Promise<OpenedBackend> {
  const compiled = kernels?.catch(() => null);
  const opened = await openRegistered("wasm");
  const source = (await compiled) ?? null;
  installSimd(source);
  const off = switchedOff(choice, CPU_NETWORKS);
  installNetworks("wasm", {
    ...simdNetworks,
    ...Object.fromEntries(off.map((network) => [network, notOurs])),
  });
  if (source === null) return opened;
  const threads = source.pool?.threads ?? 1;
  return {
    ...opened,
    kernels: `our own, SIMD on ${threads} ${threads === 1 ? "thread" : "threads"}${withoutText(off)}`,
    close: () => source.pool?.end(),
  };
}

/** A network that is switched off. */
const notOurs = () => null;
