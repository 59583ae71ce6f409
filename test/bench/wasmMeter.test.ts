import { afterEach, expect, test } from "vitest";
import { meterWasm } from "../../bench/wasmMeter.ts";

const { Memory, instantiate } = WebAssembly;
afterEach(() => Object.assign(WebAssembly, { Memory, instantiate }));

const PAGE = 65_536;
/** A module that brings a memory of two pages and exports it as "m". */
const WITH_MEMORY = Uint8Array.from(
  [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [5, 3, 1, 0, 2], // memory: one, no maximum, two pages
    [7, 5, 1, 1, 0x6d, 2, 0], // export: "m", the memory
  ].flat(),
);

test("counts memories that are made from now on, as large as they have grown", () => {
  const bytes = meterWasm();
  expect(bytes()).toBe(0);
  const memory = new WebAssembly.Memory({ initial: 1 });
  expect(memory).toBeInstanceOf(Memory);
  expect(bytes()).toBe(PAGE);
  memory.grow(3);
  expect(bytes()).toBe(4 * PAGE);
});

test("counts memories that modules bring with them, however they are instantiated", async () => {
  const bytes = meterWasm();
  await WebAssembly.instantiate(WITH_MEMORY);
  expect(bytes()).toBe(2 * PAGE);
  await WebAssembly.instantiate(new WebAssembly.Module(WITH_MEMORY));
  expect(bytes()).toBe(4 * PAGE);
});
