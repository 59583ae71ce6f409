import { memory, tensor1d } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { isOutOfMemory } from "#workers/errors.ts";
import { openRegistered } from "#workers/registeredBackend.ts";
import { guardAllocation, WasmMemoryError, wasmMemory } from "#workers/wasmMemory.ts";
import "@tensorflow/tfjs-backend-wasm";

test("an allocation that WebAssembly cannot make throws what counts as out of memory", async () => {
  await openRegistered("wasm");
  const wasm = wasmMemory();
  for (let call = 0; call < 3; call++) expect(wasm?._malloc(8)).toBeGreaterThan(0);
  expect(() => wasm?._malloc(2 ** 32 - 1)).toThrow(WasmMemoryError); // all of the address space
  try {
    wasm?._malloc(2 ** 32 - 1);
  } catch (cause) {
    expect(isOutOfMemory(cause)).toBe(true);
  }
});

test("a tensor for which there is no memory is refused, and those that are there keep their values", async () => {
  await openRegistered("wasm");
  const wasm = wasmMemory();
  if (!wasm) throw new Error("no WebAssembly");
  const kept = tensor1d([1, 2, 3]);
  const before = memory().numTensors;
  const working = wasm._malloc;
  wasm._malloc = () => 0; // what malloc answers at 4 GiB
  guardAllocation(wasm);
  expect(() => tensor1d([4, 5, 6])).toThrow(WasmMemoryError);
  wasm._malloc = working;
  expect(Array.from(await kept.data())).toEqual([1, 2, 3]);
  expect(memory().numTensors).toBe(before);
  kept.dispose();
});
