import type { BackendChoice, BackendName } from "#workers/protocol.ts";

/** What `?backend=` can force, as it is written in an address. */
export const BACKENDS = ["webgpu", "wasm", "cpu"] as const satisfies readonly BackendName[];

/** What the address wants to compute with. */
export interface BackendWish {
  readonly choice: BackendChoice;
  /** What the address said when there is no such backend (at most 40 characters); the engine then chooses. */
  readonly unknown: string | null;
}

/** Total: every query part of an address is a wish; without `backend`, or with `auto`, the engine chooses. */
export function parseBackendWish(search: string): BackendWish {
  const wanted = new URLSearchParams(search).get("backend");
  if (wanted === null || wanted === "auto") return { choice: "auto", unknown: null };
  const known = BACKENDS.find((name) => name === wanted);
  return known ? { choice: known, unknown: null } : { choice: "auto", unknown: wanted.slice(0, 40) };
}
