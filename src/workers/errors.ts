import { DeviceError } from "./deviceError.ts";
import type { EngineError } from "./protocol.ts";

/** An error that already carries what the page is to be told. */
export class EngineFailure extends Error {
  constructor(readonly error: EngineError) {
    super(error.kind);
    this.name = "EngineFailure";
  }
}

/** What backends say when memory is short: browsers, WebAssembly and Dawn each word it differently. */
const OUT_OF_MEMORY =
  /out of memory|out-of-memory|allocation failed|cannot enlarge memory|memory access out of bounds|invalid typed array length|OOM/i;

/** True when a thrown value means that memory ran out rather than that something is wrong. */
export const isOutOfMemory = (cause: unknown): boolean =>
  (cause instanceof DeviceError && cause.outOfMemory) ||
  (cause instanceof Error && OUT_OF_MEMORY.test(cause.message));

/** The error value for anything thrown while a request was served. */
export function toEngineError(cause: unknown): EngineError {
  if (cause instanceof EngineFailure) return cause.error;
  return { kind: "Internal", detail: cause instanceof Error ? cause.message : String(cause) };
}
