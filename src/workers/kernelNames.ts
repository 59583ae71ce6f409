import { GPU_KERNELS, type GpuKernelName } from "#gpu/names.ts";

/** Networks that WebAssembly runs on kernels of our own, each as a whole. */
export const CPU_NETWORKS = ["dit", "decoder"] as const;
export type CpuNetwork = (typeof CPU_NETWORKS)[number];

/** What an address can switch off by its name. */
export type SwitchName = GpuKernelName | CpuNetwork;

/** By what computes. */
export const SWITCHES = { webgpu: GPU_KERNELS, wasm: CPU_NETWORKS, cpu: [] } as const;

/** Our own kernels where the backend has some, or the compositions of TensorFlow.js that they are tested against: of all of
 *  them, or of those that are switched off. A name that the backend does not have changes nothing. */
export type KernelChoice = "own" | "plain" | { readonly off: readonly SwitchName[] };

/** The names among those switched off that `known` has; none but where some are switched off. */
export function switchedOff<Name extends SwitchName>(
  kernels: KernelChoice,
  known: readonly Name[],
): readonly Name[] {
  return typeof kernels === "string" ? [] : known.filter((name) => kernels.off.includes(name));
}

/** What a report says of kernels that are switched off, behind the name of those that run. */
export const withoutText = (off: readonly SwitchName[]): string =>
  off.length === 0 ? "" : `, without ${off.join(", ")}`;

/** What it says, last, of names that mean nothing to the backend in use. */
export function strangersText(kernels: KernelChoice, backend: keyof typeof SWITCHES): string {
  if (typeof kernels === "string") return "";
  const known: readonly SwitchName[] = SWITCHES[backend];
  const strangers = kernels.off.filter((name) => !known.includes(name));
  if (strangers.length === 0) return "";
  return `; ${strangers.join(", ")} ${strangers.length === 1 ? "is" : "are"} not among them`;
}
