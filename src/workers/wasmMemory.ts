import { backend } from "@tensorflow/tfjs-core";

/** What of tfjs's WebAssembly backend deals with memory. */
export interface WasmMemory {
  _malloc(bytes: number): number;
  readonly HEAPU8: Uint8Array;
}

/** Out of WebAssembly memory, which has 4 GiB at most and less where the browser gives less. */
export class WasmMemoryError extends Error {
  override readonly name = "WasmMemoryError";
  constructor(
    readonly bytes: number,
    readonly heapBytes: number,
  ) {
    super(`out of memory: ${bytes} bytes more than the ${heapBytes} that WebAssembly has`);
  }
}

/** Makes a failed allocation throw WasmMemoryError. tfjs 4.22 takes the 0 that malloc answers then for an address: the first such
 *  tensor overwrites the module's own data, and later ones each other, without a word. Can go when tfjs checks it itself. */
export function guardAllocation(wasm: WasmMemory): void {
  wasm._malloc(0); // at its first call it puts the module's own function in its place
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = malloc.call(wasm, bytes);
    if (address === 0 && bytes > 0) throw new WasmMemoryError(bytes, wasm.HEAPU8.length);
    return address;
  };
}

/** The memory of the current backend; null unless it is WebAssembly. */
export function wasmMemory(): WasmMemory | null {
  const current: object = backend();
  if (!("wasm" in current)) return null;
  const { wasm } = current;
  return isWasmMemory(wasm) ? wasm : null;
}

const isWasmMemory = (value: unknown): value is WasmMemory =>
  typeof value === "object" &&
  value !== null &&
  "_malloc" in value &&
  typeof value._malloc === "function" &&
  "HEAPU8" in value;
