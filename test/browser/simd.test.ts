import { expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import kernelsUrl from "#simd/built/kernels.wasm?url";
import { SimdMachine } from "#simd/machine.ts";
import { LANES, readTiles, writeTiles } from "#simd/tiles.ts";
import { openSimd, threadsFor } from "#workers/browserSimd.ts";
import { packPanels } from "../simd/panels.ts";

/** gelu(x·W + b) of 32 rows. */
function multiply(machine: SimdMachine): Float32Array {
  const [rows, inputs, outputs] = [32, 64, 128];
  return machine.scoped(() => {
    const x = machine.reserve(rows * inputs);
    writeTiles(normals(1, 0, rows * inputs), inputs, machine.at(x, rows * inputs));
    const weight = machine.place(packPanels(normals(2, 0, outputs * inputs), outputs, inputs));
    const bias = machine.place(normals(3, 0, outputs));
    const y = machine.reserve(rows * outputs);
    machine.run("linearGelu", outputs / LANES, x, weight, bias, y, rows / LANES, inputs, outputs);
    return readTiles(machine.at(y, rows * outputs), rows, outputs);
  });
}

test("on an isolated page helpers share the work, and the bits are those of one thread", async () => {
  expect(crossOriginIsolated).toBe(true);
  const alone = { module: await WebAssembly.compileStreaming(fetch(kernelsUrl)), pool: null };
  const want = multiply(new SimdMachine(alone));
  const { module, pool } = await openSimd();
  if (pool === null) throw new Error("no pool on an isolated page");
  expect(pool.threads).toBe(threadsFor(navigator.hardwareConcurrency));
  const machine = new SimdMachine({ module, pool });
  const deadline = performance.now() + 20_000;
  while (pool.helped === 0 && performance.now() < deadline) {
    expect(multiply(machine)).toEqual(want);
    await new Promise((resolve) => setTimeout(resolve, 20)); // helpers start meanwhile
  }
  expect(pool.helped).toBeGreaterThan(0);
  expect(multiply(machine)).toEqual(want);
  pool.end();
});
