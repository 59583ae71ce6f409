import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, test } from "vitest";
import { SimdMachine } from "#simd/machine.ts";
import { SimdPool } from "#simd/pool.ts";
import { LANES } from "#simd/tiles.ts";
import { packPanels } from "./panels.ts";
import { newMachine, numbers, placeRows, rowsAt, tilesOf } from "./support.ts";

const module = await WebAssembly.compile(
  await readFile(new URL("../../src/simd/built/kernels-shared.wasm", import.meta.url)),
);
const helper = () => new Worker(new URL("../../cli/simdHelper.mjs", import.meta.url));

/** A product that takes every thread some time. */
function multiply(machine: SimdMachine): Float32Array {
  const [rows, inputs, outputs] = [37, 64, 128];
  return machine.scoped(() => {
    const x = placeRows(machine, numbers(1, rows * inputs), inputs);
    const weight = machine.place(packPanels(numbers(2, outputs * inputs), outputs, inputs));
    const bias = machine.place(numbers(3, outputs));
    const y = machine.reserve(tilesOf(rows) * LANES * outputs);
    const call = [x, weight, bias, y, tilesOf(rows), inputs, outputs] as const;
    machine.run("linearGelu", outputs / LANES, ...call);
    return rowsAt(machine, y, rows, outputs);
  });
}

describe("a pool of threads", () => {
  const helpers = [helper(), helper()];
  const pool = new SimdPool(module, helpers);
  const want = multiply(newMachine());
  afterAll(() => pool.end());

  test("gives the bits of one thread, in memories opened before and after the helpers have started", async () => {
    const early = new SimdMachine({ module, pool });
    expect(multiply(early)).toEqual(want); // whether they help already or not
    await new Promise((resolve) => setTimeout(resolve, 500));
    const late = new SimdMachine({ module, pool });
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let round = 0; round < 2000; round++) {
      const machine = round % 2 === 0 ? early : late;
      if (round < 20) expect(multiply(machine)).toEqual(want);
      else multiply(machine);
    }
    expect(multiply(early)).toEqual(want);
    expect(pool.helped).toBeGreaterThan(0);
    late.close();
    expect(multiply(early)).toEqual(want);
  });

  test("says so when a share fails in a helper rather than giving half a result", async () => {
    const machine = new SimdMachine({ module, pool });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const beyond = 2 ** 30 - 64; // the memory's end: reading there traps
    expect(() => {
      for (let round = 0; round < 200; round++) machine.run("silu", 1024, beyond, beyond);
    }).toThrow();
    expect(multiply(new SimdMachine({ module, pool }))).toEqual(want);
  });
});
