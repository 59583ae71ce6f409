import type { BackendChoice, BackendName, KernelChoice } from "#workers/protocol.ts";

/** What `?backend=` can force, as it is written in an address. */
export const BACKENDS = ["webgpu", "wasm", "cpu"] as const satisfies readonly BackendName[];

/** What the address wants to compute with. */
export interface BackendWish {
  readonly choice: BackendChoice;
  /** `?kernels=plain` leaves our own kernels out, to find out whether one of them is at fault. */
  readonly kernels: KernelChoice;
  /** What the address said when there is no such backend (at most 40 characters); the engine then chooses. */
  readonly unknown: string | null;
}

/** Total: every query part of an address is a wish; without `backend`, or with `auto`, the engine chooses. */
export function parseBackendWish(search: string): BackendWish {
  const asked = new URLSearchParams(search);
  const wanted = asked.get("backend");
  const kernels = asked.get("kernels") === "plain" ? "plain" : "own";
  if (wanted === null || wanted === "auto") return { choice: "auto", kernels, unknown: null };
  const known = BACKENDS.find((name) => name === wanted);
  return known
    ? { choice: known, kernels, unknown: null }
    : { choice: "auto", kernels, unknown: wanted.slice(0, 40) };
}
