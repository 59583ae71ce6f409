import { type KernelChoice, SWITCHES } from "#workers/kernelNames.ts";
import type { BackendChoice, BackendName } from "#workers/protocol.ts";

/** What `?backend=` can force, as it is written in an address. */
export const BACKENDS = ["webgpu", "wasm", "cpu"] as const satisfies readonly BackendName[];

/** Characters of an address that are shown at most. */
const SHOWN = 40;

/** What the address wants to compute with. */
export interface BackendWish {
  readonly choice: BackendChoice;
  /** `?kernels=plain` leaves our own kernels out, `?kernels=-attention,-silu` these alone, to find out which of them is at
   *  fault. */
  readonly kernels: KernelChoice;
  /** What the address said when there is no such backend (at most 40 characters); the engine then chooses. */
  readonly unknown: string | null;
  /** What it said of kernels that means nothing (at most 40 characters); the rest of it counts. */
  readonly unknownKernels: string | null;
}

/** Total: every query part of an address is a wish; without `backend`, or with `auto`, the engine chooses. */
export function parseBackendWish(search: string): BackendWish {
  const asked = new URLSearchParams(search);
  const wanted = asked.get("backend");
  const known = BACKENDS.find((name) => name === wanted);
  const missing = wanted === null || wanted === "auto" || known !== undefined;
  return {
    choice: known ?? "auto",
    unknown: missing ? null : wanted.slice(0, SHOWN),
    ...parseKernels(asked.get("kernels")),
  };
}

function parseKernels(wanted: string | null): Pick<BackendWish, "kernels" | "unknownKernels"> {
  if (wanted === null) return { kernels: "own", unknownKernels: null };
  if (wanted === "plain") return { kernels: "plain", unknownKernels: null };
  const names = wanted.split(",");
  const known = [...SWITCHES.webgpu, ...SWITCHES.wasm];
  const off = known.filter((name) => names.includes(`-${name}`));
  const unknown = names.filter((text) => !known.some((name) => text === `-${name}`));
  return {
    kernels: off.length > 0 ? { off } : "own",
    unknownKernels: unknown.length > 0 ? unknown.join().slice(0, SHOWN) : null,
  };
}
