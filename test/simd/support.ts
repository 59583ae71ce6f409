import { readFile } from "node:fs/promises";
import { normals } from "#flow/noise.ts";
import { SimdMachine } from "#simd/machine.ts";
import { LANES, readTiles, wholeLanes, writeTiles } from "#simd/tiles.ts";

const module = await WebAssembly.compile(
  await readFile(new URL("../../src/simd/built/kernels.wasm", import.meta.url)),
);

export const newMachine = (): SimdMachine => new SimdMachine({ module, pool: null });

/** Normal numbers, the same in every run. */
export const numbers = (seed: number, count: number, scale = 1): Float32Array =>
  normals(seed, 0, count).map((value) => value * scale);

/** Places rows [rows,columns] as tiles whose padding is not a number, so that whoever looks at it is found out. */
export function placeRows(machine: SimdMachine, values: Float32Array, columns: number): number {
  const size = wholeLanes(values.length / columns) * columns;
  const address = machine.reserve(size);
  const tiles = machine.at(address, size).fill(Number.NaN);
  writeTiles(values, columns, tiles);
  return address;
}

/** Rows [rows,columns] from tiles. */
export const rowsAt = (
  machine: SimdMachine,
  address: number,
  rows: number,
  columns: number,
  width = columns,
): Float32Array => readTiles(machine.at(address, wholeLanes(rows) * width), rows, columns, width);

export const tilesOf = (rows: number): number => Math.ceil(rows / LANES);
